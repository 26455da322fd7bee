"""The check's browser sees what a person sees, and sends what a browser would."""

from __future__ import annotations

import pytest

from integrations.management.check.page import Form, NotThere, Page, read

HTML = """<!doctype html><html><head><title>Records</title><style>p { color: red }</style></head>
<body><script>alert("never seen")</script><p>Two   words
here</p><a href="/one/">First <b>link</b></a>
<form method="post" action="/save/"><input type="hidden" name="token" value="t1">
<input name="name" value="Ida &amp; Co"><input type="checkbox" name="off">
<input type="checkbox" name="on" checked><input type="radio" name="kind" value="a">
<input type="radio" name="kind" value="b" checked><input name="gone" disabled value="x">
<select name="stage"><option value="lead">Lead</option><option value="customer" selected>C</option>
</select><select name="first"><option value="one">1</option><option value="two">2</option></select>
<textarea name="notes">
Line</textarea>
<button type="button">No sender</button><button name="go" value="1">Save</button>
<input type="submit" name="other" value="Delete"></form>
<form id="retry" method="post" action="/retry/"></form>
<button form="retry" name="group" value="a">Retry <span>all</span></button>
<button form="retry" name="group" value="b">Retry</button>
<form><input name="q"><button>Search</button></form>
<form method="post" action="/sides/"><input type="checkbox" name="side" value="a" checked>
<input type="checkbox" name="side" value="b"><input type="checkbox" name="side" value="c" checked>
<input type="checkbox" name="side" value="d" checked><button formaction="/other/">Start</button>
</form></body></html>"""


@pytest.fixture
def page() -> Page:
    seen = read(HTML)
    return Page(200, "http://portal/", seen.text, HTML, seen.links, list(seen.forms.values()))


def test_the_text_is_what_is_visible(page: Page) -> None:
    assert "Two words here First link" in page.text
    assert "never seen" not in page.text
    assert "color" not in page.text


def test_a_link_is_found_by_how_its_text_begins(page: Page) -> None:
    assert page.link("First") == "/one/"
    with pytest.raises(NotThere, match="no link “Second”"):
        page.link("Second")


def test_a_form_sends_what_it_holds_and_nothing_unchecked_or_disabled(page: Page) -> None:
    form, button = page.form_of("Save")
    assert (form.method, form.action, button.name, button.value) == ("POST", "/save/", "go", "1")
    assert form.values == {
        "token": "t1",
        "name": "Ida & Co",
        "on": "on",
        "kind": "b",
        "stage": "customer",
        "first": "one",
        "notes": "Line",
    }


def test_a_submit_input_is_a_button_and_a_plain_button_is_none(page: Page) -> None:
    assert page.form_of("Delete")[1].name == "other"
    with pytest.raises(NotThere):
        page.form_of("No sender")


def test_a_button_outside_belongs_to_the_form_it_names(page: Page) -> None:
    form, button = page.form_of("Retry")
    assert (form.action, button.value) == ("/retry/", "a")
    assert page.form_of("Retry", "b")[1].text == "Retry"
    with pytest.raises(NotThere):
        page.form_of("Retry", "c")


def test_a_form_without_method_is_a_search(page: Page) -> None:
    form, _button = page.form_of("Search")
    assert isinstance(form, Form)
    assert (form.method, form.values) == ("GET", {"q": ""})


def test_several_checked_boxes_of_one_name_are_all_sent(page: Page) -> None:
    form, _button = page.form_of("Start")
    assert form.values == {"side": ["a", "c", "d"]}


def test_a_button_may_lead_elsewhere_than_its_form(page: Page) -> None:
    form, button = page.form_of("Start")
    assert (form.action, button.action) == ("/sides/", "/other/")
    assert page.form_of("Save")[1].action == ""
