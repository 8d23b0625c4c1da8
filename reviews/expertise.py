"""What an expert can say to know: fields and techniques, each with the words by which an application's text is recognised.

Fields follow the charter of the expert committee (2021) and the purposes seen so far; techniques are those of approved loans. The words are
matched in lower case: Latin ones as whole words, Chinese ones anywhere. The place in the list is the mark under which a text's findings are
kept (`matching.METHOD`): new entries go to the end.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Subject:
    """One field or technique. `chosen` are the answers to the application's question about its field that mean the same."""

    code: str
    label: str | Promise
    words: tuple[str, ...]
    chosen: tuple[str, ...] = ()


FIELDS: tuple[Subject, ...] = (
    Subject(
        "geology", _("Geology of the Moon"), ("geology", "stratigraphy", "geological", "landing site", "basin", "地质", "地层", "着陆区", "盆地")
    ),
    Subject(
        "geophysics",
        _("Geophysics"),
        ("geophysics", "palaeomagnetism", "paleomagnetism", "magnetic field", "dynamo", "heat flow", "地球物理", "古磁场", "磁场", "热流"),
        ("physical",),
    ),
    Subject(
        "geochemistry",
        _("Geochemistry and isotopes"),
        ("geochemistry", "isotope", "isotopic", "isotopes", "trace element", "trace elements", "地球化学", "同位素", "微量元素"),
        ("geochemistry",),
    ),
    Subject(
        "exploration", _("Mineral exploration"), ("ore", "prospecting", "ilmenite", "mineral exploration", "找矿", "矿产", "钛铁矿"), ("resources",)
    ),
    Subject("astrophysics", _("Astrophysics"), ("astrophysics", "cosmic ray", "cosmic rays", "presolar", "天体物理", "宇宙线", "前太阳")),
    Subject(
        "planetary_science",
        _("Planetary science"),
        ("planetary", "magma ocean", "solar system", "moon formation", "行星", "岩浆洋", "太阳系", "月球起源"),
    ),
    Subject(
        "petrology",
        _("Petrology and mineralogy"),
        (
            "petrology",
            "mineralogy",
            "basalt",
            "basalts",
            "pyroxene",
            "plagioclase",
            "olivine",
            "new mineral",
            "岩石学",
            "矿物学",
            "玄武岩",
            "辉石",
            "斜长石",
            "橄榄石",
            "新矿物",
        ),
        ("petrology",),
    ),
    Subject(
        "chronology",
        _("Chronology"),
        ("chronology", "geochronology", "dating", "crater age", "young basalt", "年代学", "定年", "年龄"),
        ("chronology",),
    ),
    Subject(
        "volatiles",
        _("Volatiles, water and organics"),
        ("volatile", "volatiles", "water", "hydrogen", "hydroxyl", "organic", "organics", "挥发分", "挥发", "水", "羟基", "有机"),
        ("volatiles",),
    ),
    Subject(
        "space_weathering",
        _("Space weathering and solar wind"),
        ("space weathering", "solar wind", "nanophase iron", "amorphous rim", "irradiation", "太空风化", "空间风化", "太阳风", "纳米铁", "辐照"),
        ("space_weathering",),
    ),
    Subject(
        "physical",
        _("Physical and thermal properties"),
        ("grain size", "thermal conductivity", "porosity", "mechanical", "wetting", "dust", "粒度", "热导率", "孔隙", "力学", "润湿", "月尘"),
        ("physical",),
    ),
    Subject(
        "remote_sensing",
        _("Spectroscopy and remote sensing"),
        ("remote sensing", "spectra", "reflectance", "spectroscopy", "ground truth", "遥感", "光谱", "反射率"),
        ("spectroscopy",),
    ),
    Subject(
        "impacts",
        _("Impacts and regolith"),
        ("impact", "impacts", "regolith", "breccia", "agglutinate", "glass bead", "glass beads", "shock", "撞击", "月壤", "角砾岩", "玻璃珠", "冲击"),
        ("impacts",),
    ),
    Subject(
        "resources",
        _("Use of lunar resources, engineering"),
        (
            "in situ resource",
            "in-situ resource",
            "isru",
            "oxygen extraction",
            "3d printing",
            "sintering",
            "simulant",
            "原位资源",
            "资源利用",
            "制氧",
            "3d打印",
            "烧结",
            "模拟月壤",
        ),
        ("resources",),
    ),
    Subject(
        "curation",
        _("Curation and storage of samples"),
        ("curation", "contamination", "glove box", "storage", "样品保存", "污染控制", "手套箱", "存储"),
    ),
    Subject(
        "outreach", _("Exhibition and education"), ("exhibition", "museum", "outreach", "education", "visitors", "展览", "博物馆", "科普", "教育")
    ),
)

TECHNIQUES: tuple[Subject, ...] = (
    Subject(
        "sims",
        _("Ion probe (SIMS, NanoSIMS)"),
        ("sims", "nanosims", "shrimp", "ion probe", "ion microprobe", "secondary ion", "离子探针", "二次离子"),
    ),
    Subject(
        "epma",
        _("Electron probe (EPMA)"),
        ("epma", "electron probe", "electron microprobe", "microprobe analysis", "wds", "电子探针"),
    ),
    Subject(
        "sem",
        _("Scanning electron microscopy (SEM, EDS, EBSD)"),
        ("sem", "scanning electron", "electron microscopy", "eds", "ebsd", "扫描电镜", "扫描电子", "能谱"),
    ),
    Subject(
        "tem",
        _("Transmission electron microscopy (TEM, STEM)"),
        ("tem", "stem", "hrtem", "eels", "transmission electron", "透射电镜", "透射电子"),
    ),
    Subject("fib", _("Focused ion beam (FIB)"), ("fib", "focused ion beam", "聚焦离子束")),
    Subject("auger", _("Auger spectroscopy"), ("auger", "俄歇")),
    Subject("xps", _("X-ray photoelectron spectroscopy (XPS)"), ("xps", "photoelectron", "光电子能谱")),
    Subject("apt", _("Atom probe tomography"), ("atom probe", "apt", "原子探针")),
    Subject("laser_fluorination", _("Laser fluorination"), ("laser fluorination", "fluorination", "激光氟化", "氟化")),
    Subject(
        "noble_gases",
        _("Noble gases by step heating"),
        ("noble gas", "noble gases", "step heating", "argon", "helium", "稀有气体", "惰性气体", "分步加热", "阶段加热"),
    ),
    Subject("tims", _("Thermal ionisation mass spectrometry (TIMS)"), ("tims", "thermal ionisation", "thermal ionization", "热电离")),
    Subject(
        "icp_ms",
        _("Plasma mass spectrometry (ICP-MS, MC-ICP-MS)"),
        ("icp-ms", "mc-icp-ms", "icpms", "plasma mass spectrometry", "等离子体质谱", "电感耦合"),
    ),
    Subject("laser_ablation", _("Laser ablation (LA-ICP-MS)"), ("laser ablation", "la-icp-ms", "激光剥蚀")),
    Subject("xrd", _("X-ray diffraction (XRD)"), ("xrd", "x-ray diffraction", "rietveld", "x射线衍射", "射线衍射")),
    Subject("xrf", _("X-ray fluorescence (XRF)"), ("xrf", "x-ray fluorescence", "x射线荧光", "射线荧光")),
    Subject("xct", _("X-ray tomography (CT)"), ("tomography", "micro-ct", "xct", "断层扫描", "显微ct")),
    Subject("synchrotron", _("Synchrotron methods (XANES)"), ("synchrotron", "xanes", "xafs", "同步辐射")),
    Subject("raman", _("Raman spectroscopy"), ("raman", "拉曼")),
    Subject("infrared", _("Infrared spectroscopy (FTIR)"), ("ftir", "infrared", "vnir", "红外")),
    Subject("mossbauer", _("Mössbauer spectroscopy"), ("mossbauer", "mössbauer", "穆斯堡尔")),
    Subject(
        "magnetic",
        _("Magnetic measurements"),
        ("magnetic", "magnetometer", "remanence", "squid", "magnetisation", "magnetization", "磁学", "剩磁", "磁性"),
    ),
    Subject("thermal", _("Thermal measurements"), ("calorimetry", "thermal conductivity", "dsc", "thermogravimetry", "量热", "热导率", "热重")),
    Subject("dating", _("Radiometric dating (U-Pb, Ar-Ar, Rb-Sr)"), ("u-pb", "pb-pb", "ar-ar", "rb-sr", "sm-nd", "zircon", "锆石", "铀铅", "铅铅")),
    Subject("afm", _("Atomic force microscopy (AFM)"), ("afm", "atomic force", "原子力显微")),
    Subject("gcms", _("Organic analysis (GC-MS, LC-MS)"), ("gc-ms", "lc-ms", "chromatography", "amino acid", "色谱", "氨基酸")),
    Subject(
        "optical", _("Optical microscopy"), ("optical microscopy", "polarised light", "polarized light", "thin section", "光学显微", "偏光", "薄片")
    ),
    Subject("neutron", _("Neutron activation (INAA)"), ("inaa", "neutron activation", "中子活化")),
    Subject("experiments", _("Experiments at high pressure and temperature"), ("piston cylinder", "diamond anvil", "multi-anvil", "高温高压")),
)

HAN = re.compile(r"[\u3400-\u9fff]")


def _meanings(subjects: Sequence[Subject]) -> dict[str, tuple[int, ...]]:
    """The places of the subjects that each word means."""
    meanings: dict[str, tuple[int, ...]] = {}
    for place, subject in enumerate(subjects):
        for word in subject.words:
            meanings[word] = (*meanings.get(word, ()), place)
    return meanings


_FIELDS, _TECHNIQUES = _meanings(FIELDS), _meanings(TECHNIQUES)
_ALONE = {word: re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])") for word in _FIELDS | _TECHNIQUES if not HAN.search(word)}


def _found(text: str, meanings: dict[str, tuple[int, ...]]) -> set[int]:
    """The plain search comes first: most words are not there, and it is a hundred times faster."""
    text = text.lower()
    said = (word for word in meanings if word in text and (word not in _ALONE or _ALONE[word].search(text)))
    return {place for word in said for place in meanings[word]}


def techniques_in(text: str) -> set[int]:
    """The places of the techniques that a text names."""
    return _found(text, _TECHNIQUES)


def fields_in(text: str, chosen: str = "") -> set[int]:
    """The places of the fields that a text names, and of those that the applicant's answer about the field means."""
    return _found(text, _FIELDS) | {place for place, subject in enumerate(FIELDS) if chosen and chosen in subject.chosen}


def places_of(codes: Iterable[str], subjects: Sequence[Subject]) -> set[int]:
    """The places of chosen subjects; a code that is not in the list (any more) is passed over."""
    places = {subject.code: place for place, subject in enumerate(subjects)}
    return {places[code] for code in codes if code in places}


def choices_of(subjects: Sequence[Subject]) -> list[tuple[str, str | Promise]]:
    return [(subject.code, subject.label) for subject in subjects]
