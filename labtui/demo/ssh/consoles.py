"""The serial console of a virtual machine and the console of a container, on a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from labtui.demo.cluster.guests import Guest
from labtui.demo.ssh.session import Session

FAILED = 255
CTRL_A, CTRL_C, CTRL_D, CTRL_O = "\x01", "\x03", "\x04", "\x0f"
_ERASE = "\b \b"


async def terminal(session: Session, guest: Guest) -> int:
    """`qm terminal` (ended by Ctrl+O) and `pct console` (ended by Ctrl+A q)."""
    virtual = guest.kind == "qemu"
    if not guest.running:
        session.complain(f"VM {guest.vmid} not running\n" if virtual else "container not running\n")
        return FAILED
    serial = next((f"serial{n}" for n in range(4) if f"serial{n}" in guest.config), "")
    if virtual and not serial:
        session.complain("unable to find a serial interface\n")
        return FAILED
    if virtual:
        session.write(f"starting serial terminal on interface {serial} (press Ctrl+O to exit)\n")
    else:
        session.write(
            "Connected to tty 1\nType <Ctrl+a q> to exit the console, "
            "<Ctrl+a Ctrl+a> to enter Ctrl+a itself\n"
        )
    await _Console(session, guest).run()
    return 0


async def enter(session: Session, guest: Guest) -> int:
    """`pct enter`: a shell of root in the container, without asking."""
    from labtui.demo.ssh.login import interact
    from labtui.demo.ssh.shell import Logout

    if not guest.running:
        session.complain(f"container '{guest.vmid}' not running!\n")
        return FAILED
    inside = session.lab.host(str(guest.vmid))
    try:
        return await interact(session.on(inside))
    except Logout as logout:
        return logout.status


class _Console:
    """A getty: asks for a name and a password, then runs what is typed."""

    def __init__(self, session: Session, guest: Guest) -> None:
        self._session, self._guest = session, guest
        self._line = "ttyS0" if guest.kind == "qemu" else "tty1"
        self._escape = CTRL_O if guest.kind == "qemu" else CTRL_A
        self._user: str | None = None
        self._password = False
        self._shell = False
        self._last = ""

    async def run(self) -> None:
        """Talk until the escape, the end of input, or the end of the guest."""
        _raw(self._session, on=True)
        try:
            typed = ""
            async for char in _keys(self._session):
                if self._escaped(char) or not self._guest.running:
                    break
                if char in "\r\n":
                    self._say("\n")
                    await self._entered(typed)
                    typed = ""
                elif char in "\x7f\b":
                    if typed and not self._password:
                        self._say(_ERASE)
                    typed = typed[:-1]
                elif char in (CTRL_C, CTRL_D):
                    self._leave() if char == CTRL_D and not typed else self._say("^C\n")
                    typed = ""
                    self._ask()
                elif char.isprintable():
                    typed += char
                    if not self._password:
                        self._say(char)
        finally:
            _raw(self._session, on=False)
            self._say("\n")

    def _escaped(self, char: str) -> bool:
        if self._escape == CTRL_O:
            return char == CTRL_O
        last, self._last = self._last, char
        return last == CTRL_A and char == "q"

    async def _entered(self, typed: str) -> None:
        from labtui.demo.ssh.shell import Logout, run_line

        if self._shell:
            inside = self._session.on(self._session.lab.host(str(self._guest.vmid)))
            plain = replace(inside, write=self._say, complain=self._say, process=None)
            try:
                await run_line(replace(plain, shell_name="-bash"), typed)
            except Logout:
                self._leave()
        elif self._password:
            # The demo knows no passwords of guests: root gets in with any.
            self._password = False
            self._shell = self._user == "root"
            if not self._shell:
                self._say("\nLogin incorrect\n")
                self._user = None
        elif typed:
            self._user, self._password = typed, True
        self._ask()

    def _leave(self) -> None:
        self._user, self._shell, self._password = None, False, False

    def _ask(self) -> None:
        name = self._guest.name
        if self._shell:
            self._say(f"root@{name}:~# ")
        elif self._password:
            self._say("Password: ")
        else:
            self._say(f"\nDebian GNU/Linux 12 {name} {self._line}\n\n{name} login: ")

    def _say(self, text: str) -> None:
        self._session.write(text)


def _raw(session: Session, *, on: bool) -> None:
    """Hand over every key at once, and echo nothing, while it is on."""
    import asyncssh

    channel: object = session.process.channel if session.process is not None else None
    # A channel without a terminal has no line editor.
    if isinstance(channel, asyncssh.SSHLineEditorChannel):
        channel.set_echo(not on)
        channel.set_line_mode(not on)


async def _keys(session: Session) -> AsyncIterator[str]:
    """What is typed, a character at a time."""
    import asyncssh

    if session.process is None:
        return
    while True:
        try:
            text = await session.process.stdin.read(1)
        except (asyncssh.TerminalSizeChanged, asyncssh.BreakReceived):
            continue
        except asyncssh.SignalReceived:
            return
        if not text:
            return
        yield text
