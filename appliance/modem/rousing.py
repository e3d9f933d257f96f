"""The steps of the recovery ladder that are told to the modem itself, on a port that no driver has open."""

from collections.abc import Sequence

from appliance.modem import Offline, Refused, discovery
from appliance.modem.dialogue import STANDARD, Deadlines, Dialogue, Gone, Silence
from appliance.modem.recovery import Step

RADIO_OFF = ("AT+CFUN=4", "AT+CFUN=0")
# The standard's, SIMCom's, Huawei's, Sierra's. The first that is not refused does it.
RESETS = ("AT+CFUN=1,1", "AT+CRESET", "AT^RESET", "AT!RESET")


def take(step: Step, path: str, deadlines: Deadlines = STANDARD) -> bool:
    """Whether the modem on *path* was told to take *step*; False when it does not answer or knows no such thing."""
    if step not in (Step.RADIO, Step.RESET):
        return False
    try:
        with discovery.dialogue(path, deadlines) as talk:
            return _radio_off_and_on(talk, deadlines) if step is Step.RADIO else _reset(talk, deadlines)
    except (Offline, Silence, Gone):
        return False


def _radio_off_and_on(talk: Dialogue, deadlines: Deadlines) -> bool:
    """A new attach: heals "registered but deaf" and "denied" (SIM7600)."""
    if not _obeyed(talk, RADIO_OFF, deadlines.slow):
        return False
    talk.linger(deadlines.radio_off)
    return _obeyed(talk, ("AT+CFUN=1",), deadlines.slow)


def _reset(talk: Dialogue, deadlines: Deadlines) -> bool:
    """The port may go before it answers: that is what was asked for."""
    try:
        return _obeyed(talk, RESETS, deadlines.answer)
    except (Silence, Gone):
        return True


def _obeyed(talk: Dialogue, commands: Sequence[str], seconds: float) -> bool:
    for command in commands:
        try:
            talk.ask(command, seconds)
        except Refused:
            continue
        return True
    return False
