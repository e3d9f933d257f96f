"""The acceptance checks about what leaves and what does not: drills, a power cut, stopping, a modem that goes.

The gateway is a process of its own on a modem of the emulator, and is killed as a power cut would do it.
"""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from playwright import sync_api

from appliance import health, wording
from appliance.clock import now as real_now
from appliance.models import Alert, Segment
from appliance.panel import lamp
from appliance.panel.button import Phase
from appliance.store import writing
from tests.conftest import House
from tests.web.conftest import BROWSER, HEARD, LONGEST_WAIT, OUTSIDE, PAGES, PATIENCE, AtWork, leave_now, wait_for

pytestmark = BROWSER
ADA = "+32470000201"
TEXT = "Inbraak Kerkstraat, bel 101"
LABELS = ("BIN", "PLP")  # the network in Dutch and in French
DRILL_PAGES = {"oefening", "droog", "droog-nakijken", "droog-einde"}
MEMBERS, CUT = 143, 62
SOON = PATIENCE * 1000  # milliseconds


@pytest.fixture
def house(house: House) -> House:
    """On the clock of this machine, as its gateway is."""
    house.now, house.live = real_now(), True
    return house


@pytest.fixture
def many(street: House) -> None:
    """143 members, the five of the street among them."""
    with writing():
        for place in range(MEMBERS - 5):
            street.enrol(f"Buur {place}", f"+32470001{place:03}", street="Lindedreef")


def is_drill(page: Any) -> tuple[bool, bool]:
    """Whether the page says that it is a drill, and whether it is hatched as one."""
    return "OEFENING" in page.inner_text("body"), page.locator("body.drill .drillbar").count() == 1


def recipients(at_work: AtWork) -> list[str]:
    """Whose telephones have the alert, in order; what coordinators were asked about it bears no label."""
    return [sent.number for sent in list(at_work.network.airwaves) if TEXT in sent.text and sent.text[:3] in LABELS]


def send(page: Any, at_work: AtWork, alert: Alert) -> None:
    """*alert* is on its way to all members, slowly enough to be interrupted."""
    at_work.modem.seconds_per_submit = 0.05
    page.goto(f"/berichten/{alert.id}/nakijken")
    assert page.get_by_role("button", name=f"Nu versturen naar {MEMBERS} leden").is_visible()
    leave_now(page)


def test_08_a_drill_never_looks_or_sends_like_the_real_thing(
    at_work: AtWork, open_page: Callable[..., Any], furnished: None
) -> None:
    """The word in an SMS that is sent to practise is TEST: nobody may take it for an alert (R75)."""
    page = open_page()
    for name, path in (PAGES | OUTSIDE).items():
        page.goto(path)
        assert is_drill(page) == ((True, True) if name in DRILL_PAGES else (False, False)), name
    wait_for(lambda: not Segment.select().where(Segment.state == "queued").exists())
    before = len(at_work.network.airwaves)
    page.goto("/oefening")
    page.get_by_role("button", name="Begin de droge oefening").click()
    page.get_by_role("button", name="Doorsturen: eerst nakijken").click()
    page.get_by_role("button", name="Oefening: doe alsof u verstuurt").click()
    sync_api.expect(page.get_by_role("heading", level=1)).to_contain_text("Er is niets verstuurd")
    assert len(at_work.network.airwaves) == before

    page.goto("/oefening")
    page.get_by_role("button", name="Test klaarzetten").click()
    assert is_drill(page) == (True, True)
    leave_now(page)
    assert is_drill(page) == (True, True)
    wait_for(lambda: len(at_work.network.airwaves) == before + 5)
    assert all(re.match("(BIN|PLP) TEST", sent.text) for sent in at_work.network.airwaves[before:])


def test_15_the_page_follows_to_the_last_member_and_a_screen_reader_hears_of_every_tenth(
    at_work: AtWork, open_page: Callable[..., Any], many: None, police_alert: Callable[..., Alert]
) -> None:
    page = open_page()
    send(page, at_work, police_alert(TEXT))
    page.evaluate(HEARD)
    sync_api.expect(page).to_have_title(re.compile(rf"^[1-9]\d*/{MEMBERS} "), timeout=SOON)
    heading = page.get_by_role("heading", level=1)
    sync_api.expect(heading).to_contain_text(f"Verstuurd naar alle {MEMBERS} leden", timeout=SOON)
    heard = page.evaluate("heard")  # of the same page: nothing was loaded anew
    assert 2 <= len(heard) <= 11 and len(set(heard)) == len(heard), heard
    assert heard[-1] == f"✔ Verstuurd naar alle {MEMBERS} leden"
    delivered = page.locator(".bars li", has_text="Afgeleverd")
    sync_api.expect(delivered).to_contain_text(f"{MEMBERS} / {MEMBERS}", timeout=SOON)
    numbers = [int(bar.split("/")[0]) for bar in page.locator(".bars .big").all_inner_texts()]
    assert numbers == [MEMBERS, MEMBERS, 0, 0], "accepted, delivered, confirmed, failed"


def test_17_a_gateway_killed_amid_a_send_goes_on_and_tells_nobody_twice(
    at_work: AtWork, open_page: Callable[..., Any], many: None, police_alert: Callable[..., Alert]
) -> None:
    """At the worst instant: the network has the text and the box does not know it. The report tells it (DESIGN 2.5)."""
    killed = threading.Event()

    def cut(*_: str) -> None:
        if len(recipients(at_work)) == CUT and not killed.is_set():
            at_work.kill()
            killed.set()

    page = open_page()
    at_work.network.report_after = 20.0  # seconds; before the port is open again it would be lost
    at_work.network.on_delivery(cut)
    send(page, at_work, police_alert(TEXT))
    wait_for(killed.is_set)
    heading = page.get_by_role("heading", level=1)
    sync_api.expect(heading).to_contain_text(f"Bezig met versturen: {CUT - 1} van {MEMBERS}", timeout=LONGEST_WAIT)
    at_work.start()
    sync_api.expect(heading).to_contain_text(f"Verstuurd naar alle {MEMBERS} leden", timeout=SOON)
    sync_api.expect(page.locator("main")).to_contain_text("Het versturen viel stil en ging verder")
    assert len(recipients(at_work)) == len(set(recipients(at_work))) == MEMBERS


def test_18_stop_keeps_back_the_rest_and_a_correction_reaches_exactly_who_had_it(
    at_work: AtWork, open_page: Callable[..., Any], many: None, police_alert: Callable[..., Alert]
) -> None:
    page = open_page()
    send(page, at_work, police_alert(TEXT))
    wait_for(lambda: len(recipients(at_work)) >= CUT)
    page.get_by_role("button", name="Stoppen met versturen").click()
    wait_for(lambda: not Segment.select().where(Segment.state == "submitting").exists())
    told, heading = recipients(at_work), page.get_by_role("heading", level=1)
    page.reload()
    sync_api.expect(heading).to_contain_text(f"Gestopt: {len(told)} van {MEMBERS} zijn verstuurd")
    assert CUT <= len(told) < MEMBERS
    page.get_by_role("button", name="Rechtzetting sturen").click()
    assert page.get_by_role("button", name=f"Nu versturen naar {len(told)} leden").is_visible()
    leave_now(page)
    sync_api.expect(heading).to_contain_text(f"Verstuurd naar alle {len(told)} leden", timeout=SOON)
    assert sorted(at_work.told("geldt niet meer. U hoeft niets")) == sorted(told) == sorted(recipients(at_work))


def test_23_a_modem_that_goes_is_said_and_what_was_promised_leaves_once_it_is_back(
    at_work: AtWork, open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any
) -> None:
    def lamp_shows() -> lamp.Pattern:
        return lamp.pattern(health.read(street.clock()).level, Phase.IDLE, up_for=0.0)

    written = street.later(minutes=-10)
    alert, page = police_alert(TEXT), open_page()
    at_work.modem.unplug()
    heading = page.get_by_role("heading", level=1)
    sync_api.expect(heading).to_contain_text("✖", timeout=45_000)
    sync_api.expect(page.locator(".card.state")).to_contain_text("Trek hem los, wacht tien tellen en steek hem terug.")
    assert lamp_shows() == lamp.PATTERNS[lamp.Show.BROKEN]
    page.goto(f"/berichten/{alert.id}/nakijken")
    sync_api.expect(page.locator("main")).to_contain_text("onbekend: geen modem kan nu versturen")
    leave_now(page)
    sync_api.expect(heading).to_contain_text("Bezig met versturen: 0 van 5")
    at_work.modem.plug_in()
    sync_api.expect(heading).to_contain_text("Verstuurd naar alle 5 leden", timeout=SOON)
    assert len(recipients(at_work)) == len(set(recipients(at_work))) == 5
    at = wording.time(street.bin.local(written), "nl")
    assert at_work.network.inbox(ADA)[0].startswith(f"BIN DRINGEND {at} politie: {TEXT}")
    wait_for(lambda: lamp_shows() != lamp.PATTERNS[lamp.Show.BROKEN])
