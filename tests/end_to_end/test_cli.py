from __future__ import annotations

import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from biometrics.errors import ConfigurationInvalid
from cli.local.all_in_one import running
from cli.main import cli
from infra.models.supply import ensure_all
from infra.settings import Settings
from rendering.eyes import render_eye

Biofusion = Callable[..., Result]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """All four services on a free port and an empty store; gives the address."""
    ensure_all()
    store = tmp_path_factory.mktemp("store") / "store.db"
    with running(Settings(store_url=f"sqlite:///{store}")) as address:
        yield address


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files IDENTITY-CAPTURE.png of three rendered eyes, two captures each."""
    folder = tmp_path_factory.mktemp("eyes")
    for identity in (1, 2, 3):
        for capture in (1, 2):
            Image.fromarray(render_eye(identity, capture)).save(folder / f"{identity}-{capture}.png")
    return folder


@pytest.fixture
def biofusion(server: str) -> Biofusion:
    """Runs a client command against the server."""
    return lambda *words: CliRunner().invoke(cli, [*map(str, words), "--server", server])


@pytest.fixture
def enrolled(biofusion: Biofusion, eyes: Path) -> Iterator[str]:
    """An enrolled subject with two eyes and a bandaged finger; erased at the end."""
    subject = f"subject-{uuid.uuid4()}"
    samples = ("--eye", f"RIGHT={eyes / '1-1.png'}", "--eye", f"LEFT={eyes / '2-1.png'}")
    done = biofusion("enroll", subject, *samples, "--missing", "RIGHT_INDEX=BANDAGED")
    assert done.exit_code == 0, done.stderr
    yield subject
    biofusion("delete", subject)


def test_somebody_enrolled_is_verified(biofusion: Biofusion, enrolled: str, eyes: Path) -> None:
    """Other captures of both eyes are a match, with rows of evidence for both and for the missing finger."""
    samples = ("--eye", f"RIGHT={eyes / '1-2.png'}", "--eye", f"LEFT={eyes / '2-2.png'}")

    result = biofusion("verify", enrolled, *samples, "--missing", "RIGHT_INDEX=BANDAGED")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("MATCH")
    assert result.stdout.count("COMPARED") == 2
    assert "PROBE_MISSING: BANDAGED" in result.stdout


def test_somebody_enrolled_is_identified_for_machines(biofusion: Biofusion, enrolled: str, eyes: Path) -> None:
    """The JSON names the subject and the outcome."""
    samples = ("--eye", f"RIGHT={eyes / '1-2.png'}", "--eye", f"LEFT={eyes / '2-2.png'}")

    result = biofusion("identify", *samples, "--json")
    answer = json.loads(result.stdout)

    assert result.exit_code == 0, result.output
    assert enrolled == answer["subjectId"]
    assert answer["decision"]["outcome"] == "OUTCOME_MATCH"


def test_another_eye_is_no_match(biofusion: Biofusion, enrolled: str, eyes: Path) -> None:
    """Verification of a wrong claim exits with 1."""
    result = biofusion("verify", enrolled, "--eye", f"RIGHT={eyes / '3-1.png'}")

    assert result.exit_code == 1, result.output
    assert result.stdout.startswith("NO_MATCH")


def test_who_is_enrolled_is_listed(biofusion: Biofusion, enrolled: str) -> None:
    """Enrolled subjects are listed as a table and as JSON."""
    listed = json.loads(biofusion("list", "--json").stdout)

    assert enrolled in [subject["subjectId"] for subject in listed["subjects"]]
    assert "RIGHT_EYE, LEFT_EYE" in biofusion("list").stdout


def test_enrolling_twice_exits_with_4_and_adding_an_encounter_with_0(
    biofusion: Biofusion, enrolled: str, eyes: Path
) -> None:
    """Enrolling an existing subject fails; adding an encounter to it succeeds."""
    eye = ("--eye", f"RIGHT={eyes / '1-2.png'}")

    assert biofusion("enroll", enrolled, *eye).exit_code == 4
    assert biofusion("enroll", enrolled, *eye, "--add-encounter").exit_code == 0


def test_the_same_request_id_enrols_once(biofusion: Biofusion, eyes: Path) -> None:
    """A repeated request is reported as a repetition."""
    request_id = str(uuid.uuid4())
    words = ("enroll", f"subject-{request_id}", "--eye", eyes / "3-1.png", "--request-id", request_id, "--json")

    assert [False, True] == [json.loads(biofusion(*words).stdout)["replayed"] for _ in range(2)]


def test_validating_stores_nothing(biofusion: Biofusion, eyes: Path) -> None:
    """The quality is reported, and the subject does not exist afterwards."""
    checked = biofusion("enroll", "nobody", "--eye", eyes / "1-1.png", "--validate-only")

    assert checked.exit_code == 0, checked.stderr
    assert "IRIS" in checked.stdout
    assert biofusion("verify", "nobody", "--eye", eyes / "1-1.png").exit_code == 4


def test_a_deleted_subject_is_gone(biofusion: Biofusion, enrolled: str, eyes: Path) -> None:
    """After deletion, verification and a second deletion report that there is no such subject."""
    assert biofusion("delete", enrolled).exit_code == 0

    gone = biofusion("verify", enrolled, "--eye", eyes / "1-2.png", "--json")

    assert gone.exit_code == 4
    assert json.loads(gone.stdout)["error"]["reason"] == "SUBJECT_NOT_FOUND"
    assert biofusion("delete", enrolled).exit_code == 4


def test_a_file_that_is_no_image_exits_with_3(biofusion: Biofusion, tmp_path: Path) -> None:
    """The server's refusal is printed in one sentence that says what to send."""
    (tmp_path / "text.png").write_text("no image")

    result = biofusion("identify", "--face", tmp_path / "text.png")

    assert result.exit_code == 3
    assert "JPEG" in result.stderr


def test_serve_says_where_it_listens_and_drains_on_sigterm(tmp_path: Path) -> None:
    """`serve` answers at the address that it prints, and exits with 0 after SIGTERM."""
    ensure_all()
    words = [sys.executable, "-m", "cli", "serve", "--port", "0", "--store", f"sqlite:///{tmp_path / 'store.db'}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first, *calls = [process.stdout.readline() for _ in range(4)]
        assert first.startswith("Listening on 127.0.0.1:"), process.communicate()
        address = first.removeprefix("Listening on ").split(". ")[0]
        listed = CliRunner().invoke(cli, ["list", "--server", address])
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert listed.output == "0 of 0 subjects.\n"
    assert all("grpcurl -plaintext" in call and address in call for call in calls)
    assert process.returncode == 0


def test_serve_refuses_a_store_that_cannot_be_used(tmp_path: Path) -> None:
    """With a file that is no store, `serve` exits with one sentence."""
    (tmp_path / "text.db").write_text("this is no store, and long enough to be read as one")
    with (
        pytest.raises(ConfigurationInvalid, match=r"text\.db"),
        running(Settings(store_url=f"sqlite:///{tmp_path}/text.db")),
    ):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_on_this_machine_is_called_without_a_proxy(
    host: str, server: str, behind_a_dead_proxy: dict[str, str]
) -> None:
    """A local server is called directly, even where the environment names proxies."""
    words = [sys.executable, "-m", "cli", "list", "--server", server.replace("127.0.0.1", host)]
    done = subprocess.run(words, env=behind_a_dead_proxy, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
