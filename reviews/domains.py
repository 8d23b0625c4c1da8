"""What a mail address says about where a person works: its domain and those above it, unless many strangers share it."""

from collections.abc import Iterator

# Mail for everybody, and the names that are reserved for examples: whoever has such an address may work anywhere.
_SHARED = """
    126.com 139.com 163.com 188.com 189.cn 21cn.com aliyun.com aol.com bk.ru duck.com example.com example.net example.org fastmail.com
    foxmail.com free.fr gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.es
    hotmail.fr hotmail.it icloud.com inbox.ru inbox.lv laposte.net libero.it list.ru live.cn live.co.uk live.com live.fr mac.com mail.com
    mail.ru me.com msn.com naver.com daum.net hanmail.net orange.fr outlook.com outlook.de outlook.fr pm.me posteo.de proton.me
    protonmail.ch protonmail.com qq.com rediffmail.com rocketmail.com sina.cn sina.com sohu.com t-online.de tom.com tuta.com tutanota.com
    vip.163.com vip.qq.com vip.sina.com wanadoo.fr web.de wo.cn yahoo.ca yahoo.cn yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br
    yahoo.com.cn yahoo.com.hk yahoo.de yahoo.es yahoo.fr yahoo.it yandex.com yandex.ru yeah.net ymail.com zoho.com
    """
SHARED = frozenset(_SHARED.split())
# Below a country's own ending: ac.cn, edu.cn, ac.uk, co.jp. Nobody in particular stands behind them.
KINDS = frozenset({"ac", "academy", "co", "com", "edu", "gob", "gouv", "gov", "go", "govt", "mil", "ne", "net", "nom", "or", "org", "res", "sch"})
NOWHERE = frozenset({"invalid", "localhost", "test"})


def domain_of(address: str) -> str:
    """Where the address is; empty when it says nothing about where the person works."""
    domain = address.rpartition("@")[2].strip().rstrip(".").casefold()
    return domain if domain and not is_shared(domain) else ""


def is_shared(domain: str) -> bool:
    """Whether people who have nothing to do with each other have addresses there."""
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1] in NOWHERE or domain in SHARED:
        return True
    return len(labels) == 2 and len(labels[1]) == 2 and labels[0] in KINDS


def and_above(domain: str) -> Iterator[str]:
    """The domain and those that it lies in, as far as they belong to somebody: imf.uni-koeln.de, uni-koeln.de."""
    labels = domain.split(".")
    for place in range(len(labels) - 1):
        if not is_shared(name := ".".join(labels[place:])):
            yield name


def is_same_place(one: str, other: str) -> bool:
    """Whether two domains are the same, or one lies in the other."""
    return bool(one and other) and (one in and_above(other) or other in and_above(one))
