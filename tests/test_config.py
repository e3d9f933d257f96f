"""One TOML file; every mistake in it is one clear sentence."""

import pytest

from appliance.config import BadConfig, Config, find, read


def written(tmp_path, text):
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_no_file_means_the_defaults(monkeypatch):
    assert read(None) == Config()


def test_what_is_written_is_in_force(tmp_path):
    config = read(written(tmp_path, '[bin]\nname = "BIN Zuid"\n[[modem]]\nname = "a"\n[[modem]]\nname = "b"\n'))
    assert (config.bin.name, [modem.name for modem in config.modem]) == ("BIN Zuid", ["a", "b"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[bin]\nnaam = "x"', 'unknown key "naam" in [bin]; did you mean "name"?'),
        ('[bni]\nname = "x"', "unknown table [bni]; did you mean"),
        ('[[modem]]\nport = "auto"\ndrver = "at"', 'unknown key "drver" in [modem]; did you mean "driver"?'),
        ("[bin\n", "not valid TOML"),
        ("[panel]\nbutton = 'seventeen'", "Expected `int`"),
        ("[[modem]]\ndriver = 'usb'", "Invalid enum value 'usb'"),
        ("[[modem]]\nname='a'\n[[modem]]\nname='a'", "needs a name of its own"),
        ("[[modem]]\nport='all'\n[[modem]]\nname='b'\nport='all'", "only one [[modem]] can have"),
        ("[[modem]]\nport='all'\n[[modem]]\nname='a2'", "needs a name of its own"),
        ("[bin]\ntimezone = 'Europe/Brussel'", "is not known"),
        ("[store]\nurl = 'mysql://x'", "must begin with"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(BadConfig) as refused:
        read(written(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_further_sticks_of_one_block_have_its_settings_but_not_what_is_of_one_sim_or_one_usb_port(tmp_path):
    block = "port='all'\npin='1234'\nsegments_per_day=9\nself_number='0470000001'\npower_command=['uhubctl']"
    config = read(written(tmp_path, f"[[modem]]\nname='kerk'\n{block}\n[[modem]]\nname='b'"))
    first, _, *further = config.modems
    assert [modem.name for modem in config.modem] == ["kerk", "b"]
    assert [modem.name for modem in further] == [f"kerk{number}" for number in range(2, 9)]
    assert {(modem.port, modem.pin, modem.segments_per_day) for modem in [first, *further]} == {("all", "1234", 9)}
    assert {(modem.self_number, modem.power_command) for modem in further} == {("", ())}


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadConfig, match="cannot be read"):
        read(tmp_path / "nowhere.toml")


def test_the_command_line_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BIN_CONFIG", "/from/environment.toml")
    assert str(find(None)) == "/from/environment.toml"
    assert str(find("/given.toml")) == "/given.toml"


def test_metrics_stay_on_the_box(tmp_path):
    with pytest.raises(BadConfig, match=r"127\.0\.0\.1:9105"):
        read(written(tmp_path, '[web]\nmetrics = "0.0.0.0:9105"\n'))
    assert read(written(tmp_path, '[web]\nmetrics = "[::1]:9105"\n')).web.metrics == "[::1]:9105"
