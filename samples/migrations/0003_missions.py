from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

BEIJING = ZoneInfo("Asia/Shanghai")

MISSIONS = (
    {
        "slug": "change-5",
        "code": "CE5",
        "name_en": "Chang’e-5",
        "name_zh": "嫦娥五号",
        "launched_at": datetime(2020, 11, 24, 4, 30, tzinfo=BEIJING),
        "landed_at": datetime(2020, 12, 1, 15, 11, tzinfo=UTC),
        "latitude": Decimal("43.0576"),
        "longitude": Decimal("-51.9161"),
        "returned_at": datetime(2020, 12, 17, 1, 59, tzinfo=BEIJING),
        "mass_g": Decimal("1731"),
        "scoops": 12,
        "site_en": "Northern Oceanus Procellarum, near Mons Rümker",
        "site_zh": "风暴洋北部，吕姆克山附近",
        "drill_en": "Core of about 1 m",
        "drill_zh": "约 1 米长的岩芯",
        "age_en": "Basalt of about 2.0 billion years",
        "age_zh": "玄武岩，约 20 亿年",
        "source": ("Wikipedia, Chang'e 5\nhttps://feifmx.com/socialgd/10000169/20240629/46772013.html\nhttps://ouci.dntb.gov.ua/en/works/7BoPqYg4"),
    },
    {
        "slug": "change-6",
        "code": "CE6",
        "name_en": "Chang’e-6",
        "name_zh": "嫦娥六号",
        "launched_at": datetime(2024, 5, 3, tzinfo=BEIJING),
        "is_launch_time_known": False,
        "landed_at": datetime(2024, 6, 2, 6, 23, tzinfo=BEIJING),
        "latitude": Decimal("-41.63"),
        "longitude": Decimal("-153.98"),
        "returned_at": datetime(2024, 6, 25, tzinfo=BEIJING),
        "is_return_time_known": False,
        "mass_g": Decimal("1935.3"),
        "scoops": 8,
        "site_en": "Southern Apollo basin in the South Pole–Aitken basin, far side",
        "site_zh": "月球背面南极-艾特肯盆地阿波罗盆地南部",
        "drill_en": "Drilled; how much has not been published",
        "drill_zh": "已钻取，数量未公布",
        "age_en": "Local basalt of about 2.8 billion years, from crater counts",
        "age_zh": "当地玄武岩约 28 亿年，按撞击坑统计",
        "source": (
            "https://discovery.researcher.life/topic/moon-surfaces/23989369\n"
            "https://bohrium.dp.tech/paper/arxiv/c60a6f16f0c2a320d78d2fd02acfa7a1ddc4c4e7db00c2d40bd90e28caff6312\n"
            "https://feifmx.com/socialgd/10000169/20240629/46772013.html"
        ),
    },
)


def write_missions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    mission = apps.get_model("samples", "Mission")
    for facts in MISSIONS:
        mission.objects.update_or_create(code=facts["code"], defaults=facts)


class Migration(migrations.Migration):
    dependencies = [("samples", "0002_movements_stay")]

    operations = [migrations.RunPython(write_missions, migrations.RunPython.noop)]
