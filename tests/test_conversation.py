"""What people write, and what the box makes of it: the examples of facts/domain.md sections 6, 8 and 9, and more."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance import lang
from appliance.conversation import Intent, Judgement, Keyword, Reply, Stop, Verb, Who, judge
from appliance.conversation.hearing import lexicon, tokens

ALERT = (
    "BIN DRINGEND 14u32 politie: Inbraak in de Kerkstraat, twee verdachten te voet. Bel 101. STOP niet zelf. "
    "Gelezen? Antwoord OK"
)


def examples(listed: str) -> list[str]:
    """The texts in *listed*, one a line or parted by bars."""
    return listed.strip().replace("\n", "|").split("|")


def from_member(text: str, *ours: str, language: str = "nl") -> Judgement:
    """What Jef, who has an open alert, gets for *text*."""
    return judge(text, Who.MEMBER, ours, True, language)


CONFIRM = ["", "   ", " ok "]
CONFIRM += examples("""
ok|OK!|Ok.|oke|oké|okee|okay|okido|oki|k|ja|jaja|jawel|jep|gelezen|gezien|ontvangen|goed ontvangen|begrepen
genoteerd|in orde|prima|top|bevestigd|akkoord|bedankt|dank u|merci|oui|bien reçu|bien recu|reçu|lu|vu|compris
noté|d'accord|d’accord|entendu|gelesen|erhalten|verstanden|gesehen|alles klar|danke|bestätigt|yes|received|roger
thx|1|+1|👍|👌|✅|✔|✔️|🆗|🙏|ol|oj|pk|nk|mk|ko|ik|0k|o.k|o k|okj|ojk|OKOK|Ok Jan|OK groetjes Maria|OK|Ok!👍🏻|oké merci
Bien reçu.|Gelezen, groetjes Jef|0K|okeeee|OKÉ|O.K.|1️⃣|👍🏿👍🏿|ＯＫ|ok ok|Dag, ok, mvg Jan Peeters
ik heb het gelezen|Goed ontvangen, bedankt!|Ok merci groetjes Maria|JAAAA
""")

STOPS = [" stop "]
STOPS += examples("""
stop|Stop.|STOPPEN|tsop|sotp|stpo|stop aub|uitschrijven|afmelden|geen berichten meer|arrêt|arret|stop svp
désinscrire|plus de messages|stopp|abmelden|austragen|unsubscribe|STOP|Tsop|sToP|TSOP|STOOOP|stop!!!
Stop, groetjes Maria
""")

NO_STOPS = [
    "stop de dief",
    "auto stopt hier elke nacht",
    "kan dat stoppen bij de school",
    "stop?",
    "Stop dief!!",
    "niet stoppen",
]

REPORTS = examples("""
inbraak|dief|verdacht|vechten|mes|brand|rook|gas|gewond|hulp|help|ze zijn hier|voleur|cambriolage|suspect|feu
fumée|blessé|au secours|aide|Einbruch|Dieb|verdächtig|verdaechtig|Feuer|Rauch|verletzt|Hilfe
ok maar er staat een man in mijn tuin|Stop dief!!|stop de dief|woninginbraak bij de buren|Er zijn inbrekers!
HELP!|help, ze zijn binnen|hellllp|ok, brand bij de buren|l'incendie est chez moi
""")

NO_REPORTS = [
    "niets verdachts gezien",
    "geen inbraak hier",
    "bedankt voor de hulp",
    "merci pour votre aide",
    "rien vu de suspect",
]

ABSENCES = examples("""
vakantie|verlof|op reis|niet thuis|vacances|congé|absent|Urlaub|verreist|nicht zu Hause
wij zijn op reis tot 15/8|ok, maar wij zijn niet thuis
""")

AUTOS = examples("""
ik ben aan het rijden|niet storen|ik bel je straks terug|automatisch antwoord|je conduis|réponse automatique
ich fahre gerade|I'm driving|Ik rij nu, ik bel je later|I’m driving right now
""")

QUESTIONS = examples("""
komt er nog nieuws?|wie is dit|fout nummer|c'est qui|mauvais numéro|wer ist das|falsche Nummer
niet ok, wie is dit?|Wie is dit? Mvg Jan
""")

ORDERS = [
    ("START", Intent.START, Reply.START_ASKED),
    ("INFO", Intent.INFO, Reply.INFO),
    ("HULP", Intent.HELP, Reply.HELP),
    ("AIDE", Intent.HELP, Reply.HELP),
    ("HILFE", Intent.HELP, Reply.HELP),
    ("HELP", Intent.HELP, Reply.HELP),
    ("PRIVACY", Intent.PRIVACY, Reply.PRIVACY),
    ("VIEPRIVEE", Intent.PRIVACY, Reply.PRIVACY),
    ("vie privée", Intent.PRIVACY, Reply.PRIVACY),
    ("DATENSCHUTZ", Intent.PRIVACY, Reply.PRIVACY),
    ("mijn gegevens", Intent.PRIVACY, Reply.PRIVACY),
    ("TAAL", Intent.LANGUAGE, Reply.LANGUAGE_ASK),
]


@pytest.mark.parametrize("text", CONFIRM)
def test_a_confirmation_in_any_spelling_is_a_receipt_without_an_answer(text: str) -> None:
    found = from_member(text)
    assert (found.intent, found.receipt, found.reply) == (Intent.CONFIRM, True, None)


@pytest.mark.parametrize("text", STOPS)
def test_stop_in_any_spelling_stops_at_once(text: str) -> None:
    found = from_member(text)
    assert (found.intent, found.reply, found.stop) == (Intent.STOP, Reply.STOPPED, Stop.ALL)


@pytest.mark.parametrize("text", NO_STOPS)
def test_a_sentence_with_stop_in_it_stops_nothing(text: str) -> None:
    assert from_member(text).stop is None


@pytest.mark.parametrize(
    ("text", "stop", "reply"),
    [
        ("STOP PREVENTIEF", Stop.PREVENTIVE, Reply.STOPPED_PREVENTIVE),
        ("stop préventif", Stop.PREVENTIVE, Reply.STOPPED_PREVENTIVE),
        ("Stop nacht", Stop.NIGHT, Reply.STOPPED_NIGHT),
        ("stop 's nachts", Stop.NIGHT, Reply.STOPPED_NIGHT),
    ],
)
def test_stop_with_a_word_stops_that_only(text: str, stop: Stop, reply: Reply) -> None:
    assert (from_member(text).stop, from_member(text).reply) == (stop, reply)


@pytest.mark.parametrize("text", REPORTS)
def test_whatever_smells_of_a_report_is_sent_to_101_and_still_a_receipt(text: str) -> None:
    found = from_member(text)
    assert (found.intent, found.receipt, found.reply) == (Intent.REPORT, True, Reply.REPORT_101)


@pytest.mark.parametrize("text", NO_REPORTS)
def test_a_report_of_nothing_and_a_thank_you_are_no_reports(text: str) -> None:
    assert from_member(text).intent is not Intent.REPORT


def test_a_french_speakers_mes_is_no_knife() -> None:
    assert from_member("mes voisins ont lu", language="fr").intent is not Intent.REPORT
    assert from_member("hij heeft mes", language="nl").intent is Intent.REPORT


@pytest.mark.parametrize("text", ABSENCES)
def test_an_absence_is_wiped_and_answered_with_advice(text: str) -> None:
    found = from_member(text)
    assert (found.intent, found.reply, found.wipe, found.receipt) == (Intent.ABSENCE, Reply.ABSENCE, True, True)


@pytest.mark.parametrize("who", [Who.MEMBER, Who.COORDINATOR, Who.UNKNOWN])
@pytest.mark.parametrize(
    "text", ["automatisch antwoord: ik ben met vakantie", "brand bij de buren, wij zijn op reis", "vakantie?"]
)
def test_the_words_of_an_absence_are_wiped_whatever_else_was_meant(text: str, who: Who) -> None:
    assert judge(text, who, (), True).wipe


@pytest.mark.parametrize("text", AUTOS)
def test_a_telephones_own_answer_is_no_receipt_and_gets_none(text: str) -> None:
    found = from_member(text)
    assert (found.intent, found.receipt, found.reply) == (Intent.AUTO, False, None)


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_a_receipt_and_waits_for_the_coordinator(text: str) -> None:
    found = from_member(text)
    assert (found.intent, found.receipt, found.reply) == (Intent.QUESTION, True, None)


@pytest.mark.parametrize("text", ["fout nummer", "Mauvais numéro!", "falsche Nummer", "sorry, verkeerd nummer"])
def test_a_wrong_number_is_said_so(text: str) -> None:
    assert from_member(text).wrong_number


@pytest.mark.parametrize(("text", "intent", "reply"), ORDERS)
def test_a_printed_command_is_understood(text: str, intent: Intent, reply: Reply) -> None:
    assert (from_member(text).intent, from_member(text).reply) == (intent, reply)


@pytest.mark.parametrize(
    ("text", "language"),
    [("TAAL FR", "fr"), ("langue nl", "nl"), ("SPRACHE Deutsch", "de"), ("lang en", "en"), ("taal Frans", "fr")],
)
def test_somebody_changes_his_language(text: str, language: str) -> None:
    found = from_member(text)
    assert (found.intent, found.language, found.reply) == (Intent.LANGUAGE, language, Reply.LANGUAGE_CHANGED)


def test_any_other_human_reply_is_a_receipt() -> None:
    found = from_member("ik breng zaterdag de kalenders rond")
    assert (found.intent, found.receipt, found.reply) == (Intent.OTHER, True, None)


def test_nothing_is_a_receipt_when_no_alert_is_open() -> None:
    assert not judge("OK", Who.MEMBER, (), False).receipt


REACTIONS = [
    f"Liked “{ALERT}”",
    f"Loved “{ALERT[:60]}…”",
    f"👍 to “{ALERT}”",
    f"Vindt “{ALERT}” leuk",
    f"A aimé « {ALERT} »",
    f"Gefällt „{ALERT}“",
    f'Liked "{ALERT[:50]}',
    f"{ALERT} ok",
    f"Removed a like from “{ALERT}”",
]


@pytest.mark.parametrize("text", REACTIONS)
def test_a_reaction_that_quotes_our_alert_is_a_receipt_and_neither_stop_nor_report(text: str) -> None:
    found = from_member(text, "iets anders", ALERT)
    assert (found.intent, found.receipt, found.reply) == (Intent.CONFIRM, True, None)


@pytest.mark.parametrize(
    "text",
    [
        "Liked “BIN DRINGEND 14u32 ... Antwoord OK”",
        'Liked "BIN DRINGEND..."',
        '👍 to "..."',
        "Loved “PLP URGENT 14h32 police: voleur”",
    ],
)
def test_a_reaction_is_known_by_our_label_even_when_the_alert_is_no_longer_on_file(text: str) -> None:
    assert (from_member(text).intent, from_member(text).receipt) == (Intent.CONFIRM, True)


def test_a_report_beside_the_quote_still_counts() -> None:
    assert from_member(f"“{ALERT}” ze zijn hier!", ALERT).intent is Intent.REPORT


def test_a_stop_beside_the_quote_is_the_members_own() -> None:
    assert from_member(f"“{ALERT}” STOP", ALERT).intent is Intent.STOP


def test_somebody_elses_quote_is_read() -> None:
    assert from_member('de buurman riep "brand, kom helpen"', ALERT).intent is Intent.REPORT


@pytest.mark.parametrize("text", ["STOP", "Uw beltegoed is bijna op", "", "BIN1 123456 brand", "JA 4821"])
def test_an_operators_text_is_post_and_never_answered(text: str) -> None:
    found = judge(text, Who.OPERATOR, (), True)
    assert (found.intent, found.receipt, found.reply, found.police) == (Intent.OPERATOR, False, None, None)


POLICE = [
    ("BIN1 123456 Inbraak Kerkstraat", Keyword.URGENT, "123456", "Inbraak Kerkstraat"),
    ("DRINGEND 12345678 Inbraak", Keyword.URGENT, "12345678", "Inbraak"),
    ("urgent 1234567 Vol", Keyword.URGENT, "1234567", "Vol"),
    ("BIN2 123 456 Sluit deuren", Keyword.PREVENTIVE, "123456", "Sluit deuren"),
    ("PREVENTIEF 1234 5678 Tip", Keyword.PREVENTIVE, "12345678", "Tip"),
    ("Préventif 123456: Tip", Keyword.PREVENTIVE, "123456", "Tip"),
    ("binf 123456\nTwee  aangehouden.\r\n\r\nDank! ", Keyword.FEEDBACK, "123456", "Twee  aangehouden.\r\n\r\nDank! "),
    ("FEEDBACK, 123456, Dank", Keyword.FEEDBACK, "123456", "Dank"),
    ("BINX 7", Keyword.WITHDRAW, None, "7"),
    ("INTREKKEN 123456 7", Keyword.WITHDRAW, "123456", "7"),
    ("retirer 7 123456", Keyword.WITHDRAW, "123456", "7 "),
    ("BINX 123 456", Keyword.WITHDRAW, "123456", ""),
    ("BINS 123456", Keyword.STATUS, "123456", ""),
    ("STATUT", Keyword.STATUS, None, ""),
    ("BINT 123456 Proef", Keyword.TEST, "123456", "Proef"),
    ("bin v", Keyword.READY, None, ""),
    ("Voorbeeld!", Keyword.READY, None, "!"),
    ("  bin 1 123456 Inbraak", Keyword.URGENT, "123456", "Inbraak"),
    ("BIN1 Inbraak om 14u32", Keyword.URGENT, None, "Inbraak om 14u32"),
    ("BIN1 14u32 Inbraak", Keyword.URGENT, None, "14u32 Inbraak"),
    ("BIN1 20/11/2026 14u32 Inbraak", Keyword.URGENT, None, "20/11/2026 14u32 Inbraak"),
    ("BIN1 20112026 Inbraak", Keyword.URGENT, None, "20112026 Inbraak"),
    ("BIN1 2011 1432 Inbraak", Keyword.URGENT, None, "2011 1432 Inbraak"),
    ("BIN1 1432 100 meter verder", Keyword.URGENT, None, "1432 100 meter verder"),
    ("BIN1 123456 20/11 Inbraak", Keyword.URGENT, "123456", "20/11 Inbraak"),
    ("BIN1 0478123456 gestolen", Keyword.URGENT, None, "0478123456 gestolen"),
    ("BIN1 123456 20112026 Inbraak", Keyword.URGENT, "123456", "20112026 Inbraak"),
    ("BIN1: 123456 - Inbraak", Keyword.URGENT, "123456", "- Inbraak"),
]


@pytest.mark.parametrize(("text", "keyword", "code", "public"), POLICE)
def test_a_police_text_falls_apart_into_keyword_code_and_public_text(
    text: str, keyword: Keyword, code: str | None, public: str
) -> None:
    found = judge(text, Who.POLICE, (), False)
    assert found.intent is Intent.POLICE and found.police is not None
    assert (found.police.keyword, found.police.code, found.police.text) == (keyword, code, public)


@pytest.mark.parametrize(
    ("text", "alert"), [("BINX 7", 7), ("BINX 123456 #7.", 7), ("BINX 7 123456", 7), ("BINX 123456", None)]
)
def test_the_number_of_the_alert_to_withdraw(text: str, alert: int | None) -> None:
    found = judge(text, Who.POLICE, (), False).police
    assert found is not None and found.alert == alert


def test_a_sentence_that_begins_with_example_asks_for_no_ready_text() -> None:
    for text in ("Voorbeeld van gisteren: dat bericht was te laat", "BINV 123456 Inbraak"):
        assert judge(text, Who.POLICE, (), False).police is None


public_texts = st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda t: t[0].isalpha())


@given(public_texts, st.integers(min_value=0, max_value=999_999), st.sampled_from(["BIN1", "bin2", "Feedback", "BINT"]))
def test_the_original_reaches_the_members_to_the_letter(public: str, code: int, keyword: str) -> None:
    found = judge(f"{keyword} {code:06} {public}", Who.POLICE, (), False).police
    assert found is not None and (found.code, found.text) == (f"{code:06}", public)


@pytest.mark.parametrize("text", ["test", "urgent", "status", "DRINGEND", "feedback: alles goed"])
def test_a_member_who_says_a_police_word_is_not_the_police(text: str) -> None:
    assert from_member(text).intent is not Intent.POLICE


@pytest.mark.parametrize("who", [Who.MEMBER, Who.UNKNOWN, Who.COORDINATOR])
@pytest.mark.parametrize("text", ["BIN1 123456 Inbraak", "BIN1 Inbraak", "DRINGEND 123456 Inbraak"])
def test_a_police_command_from_a_strange_number_is_known_and_not_answered(text: str, who: Who) -> None:
    found = judge(text, who, (), True)
    assert (found.intent, found.reply, found.receipt) == (Intent.POLICE, None, False)


def test_an_officer_who_forgets_the_keyword_is_told_how() -> None:
    assert judge("Inbraak in de Kerkstraat", Who.POLICE, (), False).reply is Reply.POLICE_HOW
    assert judge("ok merci", Who.POLICE, (), False).reply is None


DECISIONS = [
    ("JA 4821", Verb.FORWARD, None),
    ("ja4821", Verb.FORWARD, None),
    (" Oui, 4821 ! ", Verb.FORWARD, None),
    ("YES 4821", Verb.FORWARD, None),
    ("LATER 4821 18u00", Verb.LATER, time(18)),
    ("later 4821 om 18u", Verb.LATER, time(18)),
    ("LATER 4821 1800", Verb.LATER, time(18)),
    ("LATER 4821 8u05", Verb.LATER, time(8, 5)),
    ("PLUSTARD 4821 18h00", Verb.LATER, time(18)),
    ("plus tard 4821 à 18 h 30", Verb.LATER, time(18, 30)),
    ("SPÄTER 4821 18:00", Verb.LATER, time(18)),
    ("Spater 4821 18.15 Uhr", Verb.LATER, time(18, 15)),
    ("LATER 4821", Verb.LATER, None),
    ("LATER 4821 25u00", Verb.LATER, None),
    ("NEE 4821", Verb.DECLINE, None),
    ("Non 4821", Verb.DECLINE, None),
    ("NEIN 4821 zu alt", Verb.DECLINE, None),
    ("no 4821", Verb.DECLINE, None),
    ("STATUS 4821", Verb.STATUS, None),
]


@pytest.mark.parametrize(("text", "verb", "at"), DECISIONS)
def test_lies_decides_by_sms_in_any_spelling(text: str, verb: Verb, at: time | None) -> None:
    found = judge(text, Who.COORDINATOR, (), False)
    assert found.intent is Intent.DECISION and found.decision is not None
    assert (found.decision.verb, found.decision.challenge, found.decision.at) == (verb, "4821", at)


def test_status_needs_no_number() -> None:
    found = judge("statut", Who.COORDINATOR, (), False).decision
    assert found is not None and (found.verb, found.challenge) == (Verb.STATUS, None)


@pytest.mark.parametrize("text", ["ja", "4821", "ja ja 4821", "OK 4821", "januari 4821"])
def test_without_word_and_number_nothing_is_decided(text: str) -> None:
    assert judge(text, Who.COORDINATOR, (), True).decision is None


@pytest.mark.parametrize("who", [Who.MEMBER, Who.UNKNOWN, Who.POLICE])
def test_nobody_but_a_coordinator_decides(who: Who) -> None:
    assert judge("JA 4821", who, (), True).decision is None


anybody = st.sampled_from(Who)
words = st.sampled_from(
    ["stop", "STOP", "ok", "dief", "hulp", "“", '"', "bin1", "123456", "op reis", "?", "👍", "de", "auto", ALERT]
)
anything = st.one_of(st.text(), st.lists(words).map(" ".join), st.text(st.characters()))


@given(anything, anybody, st.lists(anything, max_size=3), st.booleans(), st.sampled_from([*lang.LANGUAGES, "xx"]))
@pytest.mark.slow
def test_judging_never_fails_and_always_says_why(
    text: str, who: Who, ours: list[str], is_open: bool, language: str
) -> None:
    found = judge(text, who, ours, is_open, language)
    assert found.why
    assert is_open or not found.receipt


@given(anything, st.lists(anything, max_size=3))
@pytest.mark.slow
def test_an_unknown_number_is_never_answered_and_confirms_nothing(text: str, ours: list[str]) -> None:
    found = judge(text, Who.UNKNOWN, ours, True)
    assert found.reply is None and not found.receipt


@given(
    st.sampled_from(STOPS),
    st.sampled_from(["de", "dief", "auto", "hier", "elke", "nacht", "straat", "wagen", "politie"]),
    st.booleans(),
)
def test_stop_with_another_word_is_never_a_stop_of_everything(stop: str, other: str, before: bool) -> None:
    text = f"{other} {stop}" if before else f"{stop} {other}"
    assert from_member(text).stop is not Stop.ALL or lexicon()["closing"].find(tokens(stop))


@pytest.mark.slow
def test_a_hostile_text_is_judged_as_quickly_as_any() -> None:
    for text in (
        "i" * 40_000,
        "ij" * 20_000,
        "“" * 20_000,
        "o k " * 10_000,
        "\ufdfa" * 5_000,
        "1" * 40_000,
        "?" * 40_000 + "a",
        "\u0301" * 40_000,
    ):
        assert judge(text, Who.MEMBER, [text], True).why


@pytest.mark.parametrize(
    "wish", ["NIET BEWAREN", "niet bewaren:", "Ne pas garder", "NICHT AUFBEWAHREN.", "Do not keep"]
)
@pytest.mark.parametrize("word", ["DRINGEND 123456", "BIN2 123 456", "BINF 7 123456"])
def test_the_police_say_behind_the_code_that_a_text_is_not_to_be_kept(word: str, wish: str) -> None:
    message = judge(f"{word} {wish} Wagen gezien.", Who.POLICE, [], False, "nl").police
    assert message and (message.not_kept, message.text) == (True, "Wagen gezien.")


@pytest.mark.parametrize("text", ["Gegevens niet bewaren", "Niet bewarend beslag", "niet"])
def test_the_same_words_elsewhere_are_words_of_the_text(text: str) -> None:
    message = judge(f"DRINGEND 123456 {text}", Who.POLICE, [], False, "nl").police
    assert message and (message.not_kept, message.text) == (False, text)


@pytest.mark.parametrize("words", ["BOVENLOKAAL", "NIET BEWAREN"])
def test_without_a_code_the_same_words_stay_in_the_text(words):
    message = judge(f"DRINGEND {words} Inbraak bezig", Who.POLICE, (), window_open=False).police
    assert (message.from_above, message.not_kept, message.text) == (False, False, f"{words} Inbraak bezig")


@pytest.mark.parametrize("words", ["BOVENLOKAAL NIET BEWAREN", "NIET BEWAREN BOVENLOKAAL"])
def test_where_it_comes_from_and_that_it_is_not_kept_stand_behind_the_code_in_any_order(words):
    message = judge(f"DRINGEND 123456 {words} Inbraak bezig", Who.POLICE, (), window_open=False).police
    assert (message.from_above, message.not_kept, message.text) == (True, True, "Inbraak bezig")
