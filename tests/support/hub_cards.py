"""The Hub's checks of a README's front matter, as far as the project's cards go."""

import re

import yaml

_LICENSES = {"apache-2.0", "mit", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-sa-4.0", "other"}
_PIPELINES = {"audio-classification", "audio-to-audio", "automatic-speech-recognition"}
_COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")


def complaints(content: str, kind: str) -> list[str]:
    """What is wrong with a README's front matter; nothing if the list is empty."""
    match = re.match(r"---\n(.*?)\n---\n", content, re.DOTALL)
    if match is None:
        return ["there is no front matter"]
    try:
        data = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        return [f"front matter is not YAML: {error}"]
    checks = _space(data) if kind == "space" else _model(data)
    checks["license is not in the list"] = data.get("license") in _LICENSES
    checks["tags must be text"] = all(isinstance(tag, str) for tag in data.get("tags", []))
    return [complaint for complaint, fine in checks.items() if not fine]


def _model(data: dict) -> dict[str, bool]:
    metrics = [
        metric
        for entry in data.get("model-index", [])
        for result in entry["results"]
        if {"type", "name"} <= result["dataset"].keys() and "type" in result["task"]
        for metric in result["metrics"]
    ]
    return {
        "pipeline_tag is not in the list": data.get("pipeline_tag") in _PIPELINES,
        "datasets must be repositories": all(map(_REPOSITORY.fullmatch, data.get("datasets", []))),
        "model-index has a result without figures": "model-index" not in data or bool(metrics),
        "a metric needs a type and a value": all({"type", "value"} <= m.keys() for m in metrics),
    }


def _space(data: dict) -> dict[str, bool]:
    static = data.get("sdk") == "static"
    return {
        "title is missing": bool(data.get("title")),
        "emoji must be an emoji": bool(re.fullmatch(r"[^\w\s]+", data.get("emoji", ""))),
        "colorFrom is not in the list": data.get("colorFrom") in _COLOURS,
        "colorTo is not in the list": data.get("colorTo") in _COLOURS,
        "sdk is not in the list": data.get("sdk") in {"gradio", "docker", "static"},
        "sdk_version must be text": static or isinstance(data.get("sdk_version"), str),
        "python_version must be text": static or isinstance(data.get("python_version"), str),
        "app_file is missing": bool(data.get("app_file")),
        "short_description has over 60 characters": len(data.get("short_description", "")) <= 60,
        "models must be repositories": all(map(_REPOSITORY.fullmatch, data.get("models", []))),
    }
