"""The blueprint `camara`: nothing of it goes to caches, indexes or other sites."""

from __future__ import annotations

from flask import Blueprint, Response

blueprint = Blueprint("camara", __name__, template_folder="templates")


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """The address holds the link's token: not for search engines, not for caches, and told to no other site.

    `same-origin` and not `no-referrer` for the pages: over https Flask-WTF asks a form for its Referer.
    """
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    if response.mimetype == "text/html":
        response.headers["Referrer-Policy"] = "same-origin"
    return response
