"""Check that events are under published roots: python3 check_proof.py proof.json roots.json"""

import hashlib, json, sys

sha = lambda *parts: hashlib.sha256(b"".join(parts)).digest()
proofs, published = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:3])
for proof in proofs["proofs"]:
    node = sha(b"\0", bytes.fromhex(proof["nonce"]), proof["event"].encode())
    for side, other in ((side, bytes.fromhex(other)) for side, other in proof["path"]):
        node = sha(b"\1", other, node) if side == "left" else sha(b"\1", node, other)
    root = sha(b"\2", bytes.fromhex(proof["previous"]), node, proof["day"].encode()).hex()
    is_there = any((row["day"], row["root"]) == (proof["day"], root) for row in published["roots"])
    print(proof["day"], "INCLUDED" if is_there else "NOT INCLUDED", proof["event"])
