"""A real ActiveMQ broker (Debian's package) that speaks STOMP on a port of 127.0.0.1."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from threading import Thread

import pytest

from tests.support.redis_process import free_port

JAR = Path("/usr/share/activemq/bin/activemq.jar")
USER, PASSWORD = "mosip", "a password of the broker"
_LOG = """
log4j.rootLogger=WARN, out
log4j.logger.org.apache.activemq.broker.BrokerService=INFO
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%p %m%n
"""
_SPRING, _AMQ = "http://www.springframework.org/schema/beans", "http://activemq.apache.org/schema/core"
_XML = f"""<beans xmlns="{_SPRING}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="
  {_SPRING} {_SPRING}/spring-beans.xsd {_AMQ} {_AMQ}/activemq-core.xsd">
<broker xmlns="{_AMQ}" brokerName="tests" persistent="PERSISTENT" useJmx="false" advisorySupport="false"
    dataDirectory="FOLDER/data">
  <persistenceAdapter><kahaDB directory="FOLDER/kahadb" journalMaxFileLength="1mb"/></persistenceAdapter>
  <plugins><simpleAuthenticationPlugin><users>
    <authenticationUser username="{USER}" password="{PASSWORD}" groups="users"/>
  </users></simpleAuthenticationPlugin></plugins>
  <systemUsage><systemUsage>
    <memoryUsage><memoryUsage limit="32 mb"/></memoryUsage>
    <storeUsage><storeUsage limit="64 mb"/></storeUsage>
    <tempUsage><tempUsage limit="64 mb"/></tempUsage>
  </systemUsage></systemUsage>
  <transportConnectors><transportConnector name="stomp" uri="stomp://127.0.0.1:PORT"/></transportConnectors>
</broker></beans>
"""


def missing() -> str:
    """Why there is no broker on this machine; "" if there is one."""
    if not JAR.exists():
        return f"needs Debian's activemq: there is no {JAR}"
    return "" if shutil.which("java") else "needs Debian's openjdk-17-jre-headless: there is no java"


class Broker:
    """Started and stopped by the test; its port stays the same.

    Args:
        folder: of its configuration and messages.
        is_persistent: whether messages that were sent as persistent survive its end.
    """

    def __init__(self, folder: Path, *, is_persistent: bool = False) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._reading: Thread | None = None
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        folder.mkdir(exist_ok=True)
        values = {"PERSISTENT": str(is_persistent).lower(), "FOLDER": str(folder), "PORT": str(self.port)}
        text = _XML
        for name, value in values.items():
            text = text.replace(name, value)
        (folder / "broker.xml").write_text(text, encoding="utf-8")
        (folder / "log4j.properties").write_text(_LOG, encoding="utf-8")

    def start(self) -> None:
        """Start the broker and return when it takes connections; the test is skipped where none is installed."""
        if missing():
            pytest.skip(missing())
        places = {"activemq.home": JAR.parents[1], "activemq.base": self._folder, "java.io.tmpdir": self._folder}
        places["log4j.configuration"] = (self._folder / "log4j.properties").as_uri()  # type: ignore[assignment]
        options = ["-Xmx96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"]
        options += [f"-D{name}={value}" for name, value in places.items()]
        command = ["java", *options, "-jar", str(JAR), "start", f"xbean:file:{self._folder}/broker.xml"]
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._process = subprocess.Popen(
            command, cwd=self._folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        lines = []
        for line in self._process.stdout:
            lines.append(line)
            if line.rstrip().endswith(" started"):
                self._reading = Thread(target=self._process.stdout.read, daemon=True)  # a full pipe would stop it
                self._reading.start()
                return
        raise RuntimeError("the broker did not start: " + "".join(lines[-10:]))

    def stop(self) -> None:
        """Kill the broker; what it said it has taken, and was sent as persistent, is in its files."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._reading and self._process.stdout:
                self._reading.join()
                self._process.stdout.close()
        self._process = self._reading = None
