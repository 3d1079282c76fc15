"""Every import is declared by the extra of its role, and a missing extra is told in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import grimp
import pytest

from infra.extras import EXTRA_OF, PACKAGE_OF, installation, missing
from infra.models.manifest import manifest
from tests.unit.declared_dependencies import ROOT, base, declared, distributions, imported, own

FOLDERS = {
    "biometrics": (),
    "formats": (),
    "gallery": ("aws", "cluster"),
    "fusion": (),
    "gen/biofusion": (),
    "infra": ("matching", "models"),
    "services": ("matching",),
    "cli": ("cli", "matching"),
    "rendering": ("matching",),
    "evaluation": ("evaluation", "matching"),
    "studies": ("evaluation", "matching"),
    "docsite": ("dev",),
    "training": ("training",),
    "benchmarks": ("dev",),
    "soak": ("dev",),
    "tests": ("dev",),
}
"""Folder → the extras that its files may need together."""

ROLES = {
    "fusion.__main__": (),
    "services.face.__main__": ("matching",),
    "services.fingerprint.__main__": ("matching",),
    "services.iris.__main__": ("matching",),
    "infra.images.guard.fork_server": ("matching",),
    "infra.images.guard.compiled_fork_server": ("matching",),
    "infra.models.fetch": (),
    "infra.models.hardening.iris_phase": ("models",),
    "infra.models.hardening.iris_segmentation": ("models",),
    "infra.models.hardening.leader": ("models",),
    "infra.models.hardening.sface": ("models",),
    "infra.models.hardening.yunet": ("models",),
    "cli.main": ("cli",),
    "cli.commands.enroll": ("cli",),
    "cli.commands.verify": ("cli",),
    "cli.commands.identify": ("cli",),
    "cli.commands.list_subjects": ("cli",),
    "cli.commands.delete": ("cli",),
    "cli.commands.models": ("cli",),
    "cli.gallery.command": ("cli",),
    "cli.gallery.migrate": ("cli",),
    "cli.gallery.snapshot": ("cli",),
    "cli.gallery.keys.rotate_keys": ("cli",),
    "cli.fusion.fit": ("evaluation",),
    "cli.fusion.explain": ("cli",),
    "cli.fusion.reach": ("cli",),
    "cli.fusion.evaluate": ("evaluation",),
    "cli.commands.serve": ("cli", "matching"),
    "cli.commands.extract": ("cli", "matching"),
    "cli.commands.compare": ("cli", "matching"),
    "cli.commands.contact_sheet": ("cli", "matching"),
    "cli.demo.command": ("cli", "matching"),
    "cli.commands.evaluate": ("evaluation", "matching"),
}
"""What is started → the extras that it and all it imports need together."""

ASKED_FOR = {"boto3", "botocore", "ray"}
"""Imported only if a setting asks for it, in a function."""

STARTED = 'if __name__ == "__main__":'
OTHERWISE = {
    "cli": "it tells it itself, with an exit code of its own",
    "fusion": "it needs no extra",
    "infra": "what is started there tells it itself, or is started by us",
}
"""Folders of what is started that need no `tell_plainly`, and why."""

WITHOUT = """
import runpy, sys
module, missing, *words = sys.argv[1:]
sys.modules.update(dict.fromkeys(missing.split()))
sys.argv = [module, *words]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""
"""Runs a module as `python -m` does, where some packages cannot be imported."""


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_folder_imports_is_declared(folder):
    """No file imports a package that only comes by way of others, or with another role's extra."""
    assert set() == imported(folder) - declared(FOLDERS[folder])


@pytest.mark.parametrize("extra", ["matching", "models", "cli", "evaluation", "aws", "cluster"])
def test_what_an_extra_declares_is_imported(extra):
    """No extra brings what nobody of its role imports."""
    found = set().union(*(imported(folder) for folder, extras in FOLDERS.items() if extra in extras))
    assert set() == own(extra) - found


def test_what_everybody_gets_is_imported_by_fusion(graph):
    """The dependencies without an extra are those of the fusion service: no more, and no less."""
    assert base() == distributions(_upstream(graph, "fusion.__main__")) - ASKED_FOR


@pytest.mark.parametrize("module", ROLES)
def test_a_role_runs_with_its_extras(graph, module):
    """What a service or a command imports, however far down, comes with its extras."""
    assert set() == distributions(_upstream(graph, module)) - declared(ROLES[module]) - ASKED_FOR


def test_every_program_tells_what_is_missing():
    """Each folder with modules that are started begins with what tells a missing extra plainly."""
    files = [(folder, path) for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if folder != "tests"]
    started = {folder for folder, path in files if STARTED in path.read_text()}
    begins = {folder for folder in started if "\ntell_plainly()" in (ROOT / folder / "__init__.py").read_text()}
    assert started - set(OTHERWISE) == begins


def test_advice_names_packages():
    """Each package is named as pip knows it."""
    for module, extra in EXTRA_OF.items():
        assert PACKAGE_OF.get(module, module).lower() in own(extra)


def test_advice_names_the_extra():
    """Each package that a missing extra is told by is one of that extra's own."""
    for module, extra in EXTRA_OF.items():
        assert distributions([module]) <= own(extra)


@pytest.mark.parametrize(
    ("module", "extra", "status"),
    [
        ("cli", "cli", 3),
        ("services.face", "matching", 1),
        ("services.fingerprint", "matching", 1),
        ("services.iris", "matching", 1),
        ("evaluation.made_up_scores", "cli", 1),
        ("evaluation.repeated_samples", "matching", 1),
        ("studies.fusing.fusion_methods", "cli", 1),
        ("studies.spoiled.spoiled_eyes", "matching", 1),
        ("benchmarks", "cli", 1),
        ("soak", "cli", 1),
        ("training.iris", "training", 1),
        ("docsite", "dev", 1),
    ],
)
def test_a_missing_extra_is_one_sentence(module, extra, status):
    """Whoever starts what is not installed reads what to install, without a traceback."""
    ended = run_without(extra, module)
    (line,) = ended.stderr.splitlines()
    assert line in [missing(each, extra) for each, of in EXTRA_OF.items() if of == extra]
    assert status == ended.returncode


def test_models_that_cannot_be_hardened(tmp_path):
    """Without the packages that harden them, setting up models says what to install."""
    ended = run_without("models", "infra.models.fetch", "iris-phase", cache=tmp_path)
    (line,) = ended.stderr.splitlines()
    assert line.startswith("iris-phase cannot be made ready to run: onnx is not installed.")
    assert line.endswith(f"{installation('models')}.")
    assert 1 == ended.returncode


def test_models_are_set_up_without_a_command(tmp_path):
    """A model is made, hardened and kept by its name; a name that is none is told with those there are."""
    ended = run_without("cli", "infra.models.fetch", "iris-phase", cache=tmp_path)
    assert ("", 0) == (ended.stderr, ended.returncode)
    assert (tmp_path / manifest().models["iris-phase"].cached).is_file()
    ended = run_without("cli", "infra.models.fetch", "retina", cache=tmp_path)
    assert ended.stderr.startswith("No such model: retina. There are: ")


def run_without(extra, module, *words, cache=None):
    """How `python -m module words` ends where the extra's own packages are not installed."""
    missing = " ".join(each for each, of in EXTRA_OF.items() if of == extra)
    environment = os.environ | ({"BIOFUSION_CACHE_DIR": str(cache)} if cache else {})
    command = [sys.executable, "-c", WITHOUT, module, missing, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def graph():
    """Who imports whom, packages of others included."""
    ours = ["biometrics", "formats", "infra", "gallery", "services", "fusion", "evaluation", "cli", "biofusion"]
    return grimp.build_graph(*ours, include_external_packages=True, cache_dir=None)


def _upstream(graph, module):
    return {each for each in graph.find_upstream_modules(module) if each in graph.modules}
