"""The page in a real browser: a phone of 360 pixels, with and without JavaScript."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright import sync_api

from appliance import alerts
from appliance.models import Alert, Delivery, Member, Segment
from appliance.queue import outbox
from tests.web.conftest import BROWSER, HEARD, PHONE, faults

pytestmark = BROWSER
PAGES = (
    "/", "/berichten", "/berichten/1", "/berichten/2", "/nieuw", "/leden", "/leden/nieuw", "/leden/1/schrappen",
    "/antwoorden", "/toestel", "/berichten/1/nakijken?called_back=1", "/berichten/2/stil", "/berichten/2/beelden",
    "/oefening", "/oefening/droog", "/oefening/droog/nakijken", "/oefening/droog/einde",
)  # fmt: skip


def test_judging_works_without_javascript_and_the_send_button_is_in_view(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], after_countdown: Callable[[], None]
) -> None:
    alert = police_alert("Inbraak Kerkstraat, bel 101")
    page = open_page(java_script_enabled=False)
    page.click("text=Bekijken en beoordelen")
    page.click("[value=forward]")
    button = page.get_by_role("button", name="Nu versturen naar 5 leden")
    box = button.bounding_box()
    assert box and box["y"] >= 0 and box["y"] + box["height"] <= PHONE["height"]
    button.click()
    page.wait_for_url(f"**/berichten/{alert.id}/aftellen")
    after_countdown()
    page.wait_for_url(f"**/berichten/{alert.id}")
    assert "Bezig met versturen: 0 van 5" in page.content()


def test_three_taps_forward_what_the_police_wrote(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], after_countdown: Callable[[], None]
) -> None:
    alert = police_alert()
    page = open_page()
    for button in ("Bekijken en beoordelen", "Doorsturen: eerst nakijken", "Nu versturen naar 5 leden"):
        page.get_by_text(button).click()
    page.wait_for_url(f"**/berichten/{alert.id}/aftellen")
    after_countdown()
    page.wait_for_url(f"**/berichten/{alert.id}")
    assert Alert.get_by_id(alert.id).state == "forwarded"


def test_enter_in_the_reason_declines_and_does_not_forward(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert]
) -> None:
    alert = police_alert()
    page = open_page()
    page.goto(f"/berichten/{alert.id}")
    page.get_by_text("Niet doorsturen").first.click()
    page.fill("[name=why]", "intussen opgelost")
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    assert Alert.get_by_id(alert.id).state == "declined"


def test_a_list_is_read_in_and_undone_without_javascript(open_page: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "buren.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Dré\nTEL:0470 00 02 09\nEND:VCARD\n")
    page = open_page(java_script_enabled=False)
    page.goto("/leden")
    page.get_by_text("Lijst of contacten inlezen").click()
    page.set_input_files("[name=file]", tmp_path / "buren.vcf")
    page.get_by_role("button", name="Bekijken wat er verandert").click()
    page.get_by_role("button", name="1 lid toevoegen").click()
    page.get_by_role("button", name="Ongedaan maken").click()
    page.wait_for_url("**/leden")
    assert "1 lid staat weer zoals ervoor" in page.content() and not Member.get_or_none(Member.name == "Dré")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any, scheme: str
) -> None:
    police_alert(verified=False)
    alerts.forward(police_alert(), "Lies", "page", street.now, street.bin)
    page = open_page(color_scheme=scheme)
    for path in PAGES:
        page.goto(path)
        assert (path, faults(page)) == (path, [])


def test_a_correction_is_one_tap_and_then_the_send_button(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any, after_countdown: Callable[[], None]
) -> None:
    alert = police_alert()
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    page = open_page(java_script_enabled=False)
    page.goto(f"/berichten/{alert.id}")
    page.get_by_role("button", name="Rechtzetting sturen").click()
    page.get_by_role("button", name="Nu versturen naar 5 leden").click()
    page.wait_for_url("**/aftellen")
    after_countdown()
    assert Alert.get(Alert.about == alert).state == "forwarded" and Alert.get_by_id(alert.id).state == "closed"


def test_the_first_page_with_all_that_it_loads_weighs_little(open_page: Callable[..., Any]) -> None:
    page, sizes = open_page(), []
    fresh = page.context.browser.new_context(base_url=page.url, storage_state=page.context.storage_state())
    first = fresh.new_page()
    first.on("response", lambda answer: sizes.append(answer.request.sizes()["responseBodySize"]))
    first.goto("/")
    first.wait_for_load_state("networkidle")
    assert len(sizes) > 3 and sum(sizes) < 150_000
    fresh.close()


def test_a_dry_drill_ends_with_nothing_sent(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto("/oefening")
    for words in ("Begin de droge oefening", "Doorsturen: eerst nakijken", "Oefening: doe alsof u verstuurt"):
        assert page.get_by_text("U bent in OEFENING").is_visible()
        page.get_by_text(words).click()
    sync_api.expect(page.locator("main")).to_contain_text("In het echt kregen nu 5 mensen een sms.")
    assert not Alert.select().exists() and not Delivery.select().exists()


def test_04_two_fast_clicks_a_reload_and_back_make_one_alert(
    open_page: Callable[..., Any], after_countdown: Callable[[], None]
) -> None:
    page = open_page()
    page.goto("/nieuw")
    page.check("[value=preventive]")
    page.fill("textarea", "Sluit uw deuren")
    page.click("[value=next]")
    page.wait_for_url("**/nakijken")
    page.get_by_role("button", name="Nu versturen naar 5 leden").dblclick()
    page.wait_for_url("**/berichten/1/aftellen")
    page.reload()
    page.go_back()
    after_countdown()
    assert Alert.select().count() == 1
    assert Delivery.select().where(Delivery.kind == "alert").count() == 5


def test_15_progress_moves_and_the_title_follows_without_a_reload(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any
) -> None:
    alert = police_alert()
    alerts.forward(alert, "Lies", "page", street.now, street.bin)
    Segment.delete().where(Segment.delivery.in_(Delivery.select().where(Delivery.kind != "alert"))).execute()
    page = open_page()
    page.goto(f"/berichten/{alert.id}")
    page.evaluate("window.sameLoad = true")
    for turn in range(3):
        segment = outbox.claim("a", street.now)
        assert segment
        outbox.accepted(segment, turn, street.now)
    sync_api.expect(page).to_have_title(re.compile("^3/5 "), timeout=10_000)
    assert "Bezig met versturen: 3 van 5" in page.inner_text("main")
    assert page.evaluate("window.sameLoad")


def test_the_count_follows_the_typing(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto("/nieuw")
    page.check("[value=test]")
    page.fill("textarea", "Hallo België")
    page.click("text=Vervang door gewone tekens")
    assert page.input_value("textarea") == "Hallo Belgie"


def test_a_poll_after_the_session_died_shows_the_log_in_form(open_page: Callable[..., Any], app: Flask) -> None:
    page = open_page()
    page.clock.install()
    page.reload()
    page.context.clear_cookies()
    page.clock.run_for("01:00")
    page.wait_for_url("**/aanmelden?next=/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_phone_and_nothing_hostile_runs(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], scheme: str
) -> None:
    police_alert("<img src=x onerror=alert(1)><script>alert(2)</script>" + "w" * 120, verified=False)
    page = open_page(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 640})
    for path in (page for page in PAGES if not page.startswith("/berichten/2")):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        low = page.evaluate(
            "[...document.querySelectorAll('button, a[role=button], .menu a')]"
            ".filter(e => e.offsetHeight && e.offsetHeight < 44).length"
        )
        assert low == 0, path


def test_20_the_whole_urgent_flow_by_keyboard(open_page: Callable[..., Any]) -> None:
    page = open_page()
    page.goto("/nieuw")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("[value=urgent]")
    page.keyboard.press("Space")
    page.focus("[name=told_101]")
    page.keyboard.press("Space")
    page.focus("textarea")
    page.keyboard.type("Dief aan de kerk")
    page.focus("[value=next]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/nakijken")
    page.focus("button.send")
    page.keyboard.press("Enter")
    page.wait_for_url("**/berichten/1/aftellen")


def test_a_screen_reader_hears_on_the_start_page_what_changed_and_nothing_else(
    open_page: Callable[..., Any], police_alert: Callable[..., Alert], street: Any
) -> None:
    page = open_page()
    page.clock.install()
    page.reload()
    page.evaluate(HEARD)

    def heard_after_a_look() -> list[str]:
        with page.expect_response("**/stand"):
            page.clock.run_for(16_000)
        sync_api.expect(page.locator(".state").first).to_contain_text(
            f"nagekeken om {street.bin.local(street.now):%Hu%M}"
        )
        return list(page.evaluate("heard"))

    street.later(minutes=1)
    assert heard_after_a_look() == []  # the time of the last look is no news
    alert = police_alert("Inbraak Kerkstraat, bel 101")
    street.later(minutes=1)
    (told,) = heard_after_a_look()
    assert told.endswith("Politie: nieuw bericht.") and "Inbraak" not in told
    street.later(minutes=1)
    assert heard_after_a_look() == [told]
    alerts.forward(alert, "Jan", "sms", street.now, street.bin)
    street.later(seconds=59)
    sent = heard_after_a_look()
    assert len(sent) == 2 and "Bezig met versturen" in sent[-1] and "Politie" not in sent[-1]
