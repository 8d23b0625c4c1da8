"""Apps look back, never ahead: in foreign keys, in migrations and in the words of a query."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.loader import MigrationLoader

# Earlier apps first; apps of one line do not know each other.
ORDER: tuple[tuple[str, ...], ...] = (
    ("accounts",),
    ("workflow",),
    ("institutions", "samples", "letters"),
    ("rounds",),
    ("applications",),
    ("reviews",),
    ("results",),
    ("loans",),
    ("desk",),
    ("lunarloans",),
)
PLACE = {app: place for place, line in enumerate(ORDER) for app in line}


def may_point(app: str, to: str) -> bool:
    """Whether an app may point at another; apps of others may always be pointed at."""
    return to not in PLACE or to == app or PLACE[to] < PLACE[app]


def our_models() -> Iterator[type[models.Model]]:
    for app in PLACE:
        yield from apps.get_app_config(app).get_models(include_auto_created=True)


def test_every_app_of_ours_has_its_place() -> None:
    ours = {app for app in settings.INSTALLED_APPS if (settings.BASE_DIR / app).is_dir()}
    assert ours == set(PLACE)


def test_every_foreign_key_points_to_an_earlier_app() -> None:
    ahead = [
        f"{field} -> {field.related_model._meta.label}"
        for model in our_models()
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if field.related_model and not may_point(model._meta.app_label, field.related_model._meta.app_label)
    ]
    assert ahead == []


def test_no_foreign_key_can_point_at_anything() -> None:
    assert [field.name for model in our_models() for field in model._meta.get_fields() if field.name == "content_type"] == []


def test_every_migration_depends_on_earlier_apps() -> None:
    ahead = [
        f"{app}.{name} -> {other}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in PLACE
        for other, _ in (*migration.dependencies, *((target, "") for target, _ in migration.run_before))
        if not may_point(app, other)
    ]
    assert ahead == []


def words_of_queries(source: str) -> set[str]:
    """Every part of every lookup: the keywords of calls and the strings that look like `application__round`."""
    words: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg and "__" in node.arg:
            words |= set(node.arg.split("__"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value and node.value.replace("__", "").isidentifier():
            words |= set(node.value.split("__"))
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"prefetch_related", "select_related", "Count", "Exists"}
        ):
            words |= {argument.value for argument in node.args if isinstance(argument, ast.Constant) and isinstance(argument.value, str)}
    return words


def names_given_to_targets(app: str, *, later: bool) -> dict[str, str]:
    """The names under which relations can be followed backwards, of the models that an app may see or of those later than it."""
    return {
        field.related_query_name(): model._meta.label
        for model in our_models()
        if (PLACE[model._meta.app_label] > PLACE[app]) == later
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if isinstance(field, (models.ForeignKey, models.ManyToManyField)) and field.related_model._meta.app_label in PLACE
        if not field.related_query_name().endswith("+")
    }


@pytest.mark.parametrize("app", sorted(PLACE))
def test_no_query_names_a_later_app(app: str) -> None:
    """`Q(reviews__expert=user)` inside applications looks ahead without an import."""
    seen = [model for model in our_models() if may_point(app, model._meta.app_label)]
    own = {field.name for model in seen for field in model._meta.get_fields() if not field.auto_created} | names_given_to_targets(
        app, later=False
    ).keys()
    later = names_given_to_targets(app, later=True)
    sources = [path for path in (settings.BASE_DIR / app).rglob("*.py") if not {"tests", "migrations"} & set(path.parts)]
    named = {
        f"{path.relative_to(settings.BASE_DIR)}: {word} ({later[word]})"
        for path in sources
        for word in words_of_queries(path.read_text()) & (later.keys() - own)
    }
    assert named == set()
