"""What is printed when the nights are closed."""

from types import SimpleNamespace

from recon.publish.terminal import night_report


def test_a_name_in_brackets_is_shown_and_ends_nothing():
    site = SimpleNamespace(config=SimpleNamespace(name="Mercy [North] [/closed]"))
    assert "Mercy [North] [/closed]: 0 nights closed" in night_report(site, [])
