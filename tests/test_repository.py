"""The repository itself: what it must not hold, and that its commands say what they do."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt", "tools/requirements-node.txt", "package-lock.json"]
ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\b(?:[a-z0-9-]+\.)+(?:org|com|io|net|dev)/", re.IGNORECASE)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_file_names_no_host(name):
    found = [line for line in (ROOT / name).read_text().splitlines() if ADDRESS.search(line)]
    assert found == [], "write it again without addresses (npm: delete the `funding` entries)"


@pytest.mark.parametrize("name", LOCKS[:3])
def test_every_python_package_is_pinned_with_hashes(name):
    text = (ROOT / name).read_text()
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert packages
    assert all("==" in line and line.rstrip().endswith("\\") for line in packages)
    assert text.count("--hash=sha256:") >= len(packages)


def test_front_end_packages_are_pinned_exactly_and_match_their_lock():
    wanted = json.loads((ROOT / "package.json").read_text())
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, version in {**wanted["dependencies"], **wanted["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name} is not pinned"
        assert locked[f"node_modules/{name}"]["version"] == version
        assert locked[f"node_modules/{name}"]["integrity"].startswith("sha512-")
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text()


def test_everything_declared_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = {line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line}
    declared = {re.split(r"[\[<>=;]", name)[0].strip() for name in project["project"]["dependencies"]}
    assert declared - locked == set()
    dev = {line.split("==")[0] for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if "==" in line}
    named = {re.split(r"[\[<>=;]", name)[0].strip() for name in project["dependency-groups"]["dev"]}
    assert (named | declared) - dev == set()


def test_what_others_wrote_is_not_in_the_repository():
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone")
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in files if "node_modules" in name or "/vendor/" in name or name.endswith(".woff2")] == []


def test_ci_runs_what_everybody_runs():
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "setup", "serve", "bench", "fmt", "lint"} <= targets
    assert set(re.findall(r"`?make ([a-z]+)", readme)) <= targets


def test_set_up_reads_with_an_old_python_so_that_it_can_say_so():
    import ast

    ast.parse((ROOT / "tools" / "setup.py").read_text(), feature_version=(3, 7))
