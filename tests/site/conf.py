# Copyright (c) 2026, The fleetops.thingspace authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx settings for the documentation site, which ``make docs`` builds."""

from __future__ import annotations

import os
from pathlib import Path

project = "fleetops.thingspace"
version = release = os.environ["SITE_VERSION"]
project_copyright = "The fleetops.thingspace authors"
html_title = f"{project} {version}"

extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
highlight_language = "yaml+jinja"
pygments_style = "ansible"

html_theme = "sphinx_ansible_theme"
html_show_sphinx = False
html_show_sourcelink = False
html_copy_source = False
html_static_path = [str(Path(__file__).parent / "static")]
html_css_files = ["site.css"]
html_theme_options = {
    # The theme supports only one URL for all pages, but these are in two folders.
    "documentation_home_url": os.environ["SITE_REPOSITORY"],
    "topbar_links": {"Repository": os.environ["SITE_REPOSITORY"]},
    "vcs_pageview_mode": "edit",
}

# The build needs no network: tools.site writes an inventory of the few pages in Ansible's own documentation to which
# the pages of the plugins link.
intersphinx_mapping = {
    "ansible": ("https://docs.ansible.com/ansible/latest/", os.environ["SITE_INVENTORY"]),
}

# For ``python -m tools.site --links``. Links into the repository itself are checked by tests/docs/test_links.py.
linkcheck_ignore = [r"(?!https?://)", r"https?://(127\.0\.0\.1|localhost|([\w-]+\.)*example\.(com|org))\b"]
linkcheck_timeout = 20
linkcheck_retries = 2
# GitHub adds the anchors of a page with JavaScript.
linkcheck_anchors_ignore_for_url = [r"https://github\.com/"]
