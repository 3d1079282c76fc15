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
    "adapters": ("adapters", "matching"),
    "audit": (),
    "biometrics": (),
    "formats": (),
    "gallery": ("aws", "cluster"),
    "fusion": ("cluster",),
    "gen/biofusion": (),
    "infra": ("adapters", "console", "matching", "models", "telemetry"),
    "services": ("matching",),
    "cli": ("adapters", "cli", "matching"),
    "console": ("console", "matching"),
    "rendering": ("matching",),
    "evaluation": ("evaluation", "matching"),
    "studies": ("evaluation", "matching", "telemetry"),
    "docsite": ("dev",),
    "training": ("training",),
    "benchmarks": ("dev",),
    "images": ("dev",),
    "soak": ("dev", "schema"),
    "tests": ("dev",),
}
"""Folder → the extras that its files may need together."""

OWN = ("iris_phase", "iris_segmentation", "iris_segmentation_wide", "ridge_signs")
HARDENED = (*OWN, "dlib_face", "leader", "sface", "yunet")

ROLES = {
    "fusion.__main__": (),
    "services.face.__main__": ("matching",),
    "services.fingerprint.__main__": ("matching",),
    "services.iris.__main__": ("matching",),
    "services.kernels.__main__": ("matching",),
    "infra.images.guard.fork_server": ("matching",),
    "infra.images.guard.compiled_fork_server": ("matching",),
    "infra.models.fetch": (),
    **{f"infra.models.hardening.{each}": ("models",) for each in HARDENED},
    "cli.main": ("cli",),
    "cli.commands.enroll": ("cli",),
    "cli.commands.verify": ("cli",),
    "cli.commands.identify": ("cli",),
    "cli.commands.list_subjects": ("cli",),
    "cli.commands.delete": ("cli",),
    "cli.commands.models": ("cli",),
    "cli.audit.explain": ("cli",),
    "cli.audit.export": ("cli",),
    "cli.audit.verify": ("cli",),
    "cli.gallery.command": ("cli",),
    "cli.gallery.migrate": ("cli",),
    "cli.gallery.snapshot": ("cli",),
    "cli.gallery.keys.rotate_keys": ("cli",),
    "cli.fusion.fit": ("evaluation",),
    "cli.fusion.explain": ("cli",),
    "cli.fusion.reach": ("cli",),
    "cli.fusion.evaluate": ("evaluation",),
    "cli.commands.serve": ("cli", "matching"),
    "cli.commands.console": ("cli", "console", "matching"),
    "cli.adapters.osia": ("adapters", "cli"),
    "cli.adapters.mosip_abis": ("adapters", "cli"),
    "cli.adapters.mosip_biosdk": ("adapters", "cli", "matching"),
    "cli.commands.extract": ("cli", "matching"),
    "cli.commands.compare": ("cli", "matching"),
    "cli.commands.contact_sheet": ("cli", "matching"),
    "cli.demo.command": ("cli", "console", "matching"),
    "cli.commands.evaluate": ("evaluation", "matching"),
}
"""What is started → the extras that it and all it imports need together."""
ASKED_FOR = {"boto3", "botocore", "ray", *own("telemetry")}
"""Imported only if a setting asks for it, in a function."""

NOT_RUN = {"gen/biofusion", "rendering", "studies", "docsite", "training", "benchmarks", "images", "soak", "tests"}
"""Folders whose programs nobody runs from an installation."""

STARTED = 'if __name__ == "__main__":'
OTHERWISE = {
    "cli": "it tells it itself, with an exit code of its own",
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


@pytest.mark.parametrize("extra", sorted({*EXTRA_OF.values(), "aws"} - {"dev", "training"}))
def test_what_an_extra_declares_is_imported(extra):
    """No extra brings what nobody of its role imports."""
    found = set().union(*(imported(folder) for folder, extras in FOLDERS.items() if extra in extras))
    assert set() == own(extra) - found


def test_what_everybody_gets_is_imported_by_fusion(graph):
    """The dependencies without an extra are those of the fusion service: no more, and no less."""
    assert base() == distributions(graph.find_upstream_modules("fusion.__main__")) - ASKED_FOR


@pytest.mark.parametrize("module", ROLES)
def test_a_role_runs_with_its_extras(graph, module):
    """What a service or a command imports, however far down, comes with its extras."""
    assert set() == distributions(graph.find_upstream_modules(module)) - declared(ROLES[module]) - ASKED_FOR


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
        ("images", "cli", 1),
        ("soak", "cli", 1),
        ("training.iris", "training", 1),
        ("training.fingerprint", "training", 1),
        ("docsite", "dev", 1),
    ],
)
def test_a_missing_extra_is_one_sentence(module, extra, status):
    """Whoever starts what is not installed reads what to install, without a traceback."""
    ended = run_without(extra, module)
    (line,) = ended.stderr.splitlines()
    assert line in [missing(each, extra) for each, of in EXTRA_OF.items() if of == extra]
    assert status == ended.returncode


def test_jobs_on_a_cluster_without_ray(tmp_path):
    """A fusion service that is to work on jobs in a Ray cluster says what to install."""
    settings = {"STORE_URL": f"sqlite:///{tmp_path}/store.db", "RAY_ADDRESS": "nowhere:1", "JOB_RAY_WORKERS": "1"}
    ended = run_without("cluster", "fusion", **settings)
    assert missing("ray", "cluster") in ended.stderr.splitlines()
    assert 1 == ended.returncode


def test_models_that_cannot_be_hardened(tmp_path):
    """Without the packages that harden them, setting up models says what to install."""
    ended = run_without("models", "infra.models.fetch", "iris-phase", CACHE_DIR=str(tmp_path))
    (line,) = ended.stderr.splitlines()
    assert line.startswith("iris-phase cannot be made ready to run: onnx is not installed.")
    assert line.endswith(f"{installation('models')}.")
    assert 1 == ended.returncode


def test_models_are_set_up_without_a_command(tmp_path):
    """A model is made, hardened and kept by its name; a name that is none is told with those there are."""
    ended = run_without("cli", "infra.models.fetch", "iris-phase", CACHE_DIR=str(tmp_path))
    assert ("", 0) == (ended.stderr, ended.returncode)
    assert (tmp_path / manifest().models["iris-phase"].cached).is_file()
    ended = run_without("cli", "infra.models.fetch", "retina", CACHE_DIR=str(tmp_path))
    assert ended.stderr.startswith("No such model: retina. There are: ")


def run_without(extra, module, *words, **settings):
    """How `python -m module words` ends with these settings where the extra's own packages are not installed."""
    missing = " ".join(each for each, of in EXTRA_OF.items() if of == extra)
    environment = os.environ | {f"BIOFUSION_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-c", WITHOUT, module, missing, *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def graph():
    """Who imports whom, packages of others included."""
    return grimp.build_graph("biofusion", *FOLDERS.keys() - NOT_RUN, include_external_packages=True, cache_dir=None)
