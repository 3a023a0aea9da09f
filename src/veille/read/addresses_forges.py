"""The table of forges, where software is made: what their addresses' feeds are, as in `addresses_sites.py`."""

from __future__ import annotations

from veille.read.addresses_sites import NO_FEED, Site, but

_GITHUB_OWNER = (
    but(
        "about account apps codespaces collections contact copilot customer-stories dashboard discussions education"
        " enterprise enterprises events explore features issues join login marketplace models new notifications orgs"
        " pricing pulls readme resources search security settings site solutions sponsors stars team topics trending"
        " users"
    )
    + r"(?P<owner>[\w-]+)"
)
_GITHUB_REPO = rf"/{_GITHUB_OWNER}/(?P<repo>[\w.-]+?)(?:\.git)?"
_GITHUB = "https://github.com/{owner}/{repo}"
_GITLAB_HOSTS = r"gitlab\.(?:[\w-]+\.)*[\w-]+|framagit\.org|salsa\.debian\.org|invent\.kde\.org|code\.videolan\.org"
_GITLAB_NAME = r"(?!-(?:/|$))[\w-][\w.-]*"
_GITLAB_ROOT = but("admin api dashboard explore groups help import oauth projects search snippets users")
_GITLAB_PROJECT = rf"/{_GITLAB_ROOT}(?P<project>{_GITLAB_NAME}(?:/{_GITLAB_NAME})+){NO_FEED}"
_GITLAB = "https://{host}/{project}"

FORGES: tuple[Site, ...] = (
    # GitHub. docs.github.com/rest/activity/feeds: https://github.com/USER.atom. Its pages of releases, tags
    # and commits name their own; those of discussions and of a wiki are unverified. Issues have none.
    Site(
        hosts=r"github\.com",
        path=rf"{_GITHUB_REPO}(?:/releases(?:/(?:tag/.+|latest))?)?",
        feeds={
            "releases": _GITHUB + "/releases.atom",
            "tags": _GITHUB + "/tags.atom",
            "commits": _GITHUB + "/commits.atom",
        },
    ),
    Site(
        hosts=r"github\.com",
        path=rf"{_GITHUB_REPO}/tags",
        feeds={"tags": _GITHUB + "/tags.atom", "releases": _GITHUB + "/releases.atom"},
    ),
    Site(hosts=r"github\.com", path=rf"{_GITHUB_REPO}/commits", feeds={"commits": _GITHUB + "/commits.atom"}),
    Site(
        hosts=r"github\.com",
        path=rf"{_GITHUB_REPO}/(?:commits|tree|blob)/(?P<ref>.+)(?<!\.atom)",
        feeds={"commits": _GITHUB + "/commits/{ref}.atom", "releases": _GITHUB + "/releases.atom"},
    ),
    Site(
        hosts=r"github\.com",
        path=rf"{_GITHUB_REPO}/(?P<what>discussions|wiki)",
        feeds={"{what}": _GITHUB + "/{what}.atom"},
    ),
    Site(
        hosts=r"github\.com",
        path=rf"/(?:orgs/(?P<org>[\w-]+)(?:/.*)?|{_GITHUB_OWNER})",
        feeds={"activity": "https://github.com/{org}{owner}.atom"},
    ),
    # GitLab, here and on hosts called gitlab.*: its pages of tags, commits, projects and groups name their
    # feeds (app/views/projects, groups). Releases have one since 17.0 (gitlab-org/gitlab!151062).
    Site(
        hosts=_GITLAB_HOSTS,
        path=rf"/groups/(?P<group>{_GITLAB_NAME}(?:/{_GITLAB_NAME})*)(?:/-/.*)?",
        feeds={"activity": "https://{host}/{group}.atom"},
    ),
    Site(
        hosts=_GITLAB_HOSTS,
        path=rf"{_GITLAB_PROJECT}(?:/-/releases(?:/.*)?)?",
        feeds={
            "releases": _GITLAB + "/-/releases.atom",
            "tags": _GITLAB + "/-/tags?format=atom",
            "activity": _GITLAB + ".atom",
        },
    ),
    Site(
        hosts=_GITLAB_HOSTS,
        path=rf"{_GITLAB_PROJECT}/-/tags(?:/.*)?",
        feeds={"tags": _GITLAB + "/-/tags?format=atom", "releases": _GITLAB + "/-/releases.atom"},
    ),
    Site(
        hosts=_GITLAB_HOSTS,
        path=rf"{_GITLAB_PROJECT}/-/(?:commits|tree|blob)/(?P<ref>.+)",
        feeds={"commits": _GITLAB + "/-/commits/{ref}?format=atom", "releases": _GITLAB + "/-/releases.atom"},
    ),
    Site(
        hosts=_GITLAB_HOSTS,
        path=rf"/{_GITLAB_ROOT}(?P<name>{_GITLAB_NAME}){NO_FEED}",
        feeds={"activity": "https://{host}/{name}.atom"},
    ),
)
