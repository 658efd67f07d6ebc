"""What a shared link to the page shows, and the page's own pictures."""

import io
import re

import pytest
from PIL import Image

from songnet.errors import PatchError
from songnet.ui.server import page_template, pictures


def tags(text):
    """The page's tags for those who show a link, by name."""
    found = re.findall(r'<meta (?:property|name)="((?:og|twitter):[^"]*)" content="([^"]*)">', text)
    names = [name for name, _ in found]
    assert len(names) == len(set(names))
    return dict(found)


def test_a_shared_link_shows_this_page_and_not_gradio(http, address):
    shown = tags(text := http.get("/").text)
    assert shown["og:title"] == shown["twitter:title"] == page_template.TITLE
    assert shown["og:url"] == address
    assert shown["og:image"] == shown["twitter:image"] == f"{address}{page_template.CARD}"
    assert len(re.findall(r"<meta\s[^>]*og:", text)) == sum(name[:3] == "og:" for name in shown)
    assert "Click to try out the app" not in text
    assert "manifest.json" not in text


def test_the_picture_s_address_is_the_one_that_the_visitor_knows(http):
    told = {"x-forwarded-host": 'songs.example"><script>', "x-forwarded-proto": "https"}
    assert "example" not in http.get("/", headers=told).text.partition("<script")[0]


@pytest.mark.parametrize("name", sorted(pictures.FILES))
def test_the_pictures_are_the_page_s_own(http, name):
    answer = http.get(name)
    assert answer.headers["content-type"] == "image/png"
    assert "max-age" in answer.headers["cache-control"]
    with Image.open(io.BytesIO(answer.content)) as picture:
        assert picture.size == ((1200, 630) if name == page_template.CARD else (256, 256))
    assert http.head(name).status_code == 200
    assert http.post(name).status_code == 405


@pytest.mark.parametrize("template", ["<p>no head</p>", "<head>gradio-app/gradio</head>"])
def test_another_template_of_gradio_stops_the_start(template):
    with pytest.raises(PatchError, match="pip install gradio=="):
        page_template.rewritten(template)
