"""The packages know one another in one direction only; the two ends meet on the wire."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MUST_NOT_IMPORT = {
    "remote_client": {"dashboard", "local_platform", "django", "channels", "flyte"},
    "local_platform": {"dashboard", "remote_client", "django", "channels"},
    "dashboard": {"local_platform", "flyte", "flyteidl2"},
    "examples": {"dashboard", "remote_client", "local_platform"},
}


def imported_packages(path: Path) -> set[str]:
    """Top-level names that a module imports, wherever in the file it does so."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("package", MUST_NOT_IMPORT)
def test_it_imports_in_one_direction_only(package: str) -> None:
    modules = sorted((ROOT / package).rglob("*.py"))
    assert modules
    wrong = {
        str(module.relative_to(ROOT)): sorted(imported_packages(module) & MUST_NOT_IMPORT[package])
        for module in modules
    }
    assert not {module: names for module, names in wrong.items() if names}
