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
        ("[bin]\ntimezone = 'Europe/Brussel'", "is not known"),
        ("[store]\nurl = 'mysql://x'", "must begin with"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, said):
    with pytest.raises(BadConfig) as refused:
        read(written(tmp_path, text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadConfig, match="cannot be read"):
        read(tmp_path / "nowhere.toml")


def test_the_command_line_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("BIN_CONFIG", "/from/environment.toml")
    assert str(find(None)) == "/from/environment.toml"
    assert str(find("/given.toml")) == "/given.toml"
