"""Hugo's settings by name: older names, what needs no honouring here, and what is not honoured."""

from __future__ import annotations

from typing import Final

ALIASES: Final[dict[str, str]] = {
    "paginate": "pagination.pagersize",
    "paginatepath": "pagination.path",
    "rsslimit": "services.rss.limit",
    "languagecode": "locale",
    "language": "locale",
    "indexes": "taxonomies",
    "pluralizelisttitle": "pluralizelisttitles",
    "markup.goldmark.parser.autoheadingidtype": "markup.goldmark.parser.autoidtype",
    "pygmentscodefences": "markup.highlight.codefences",
    "pygmentscodefencesguesssyntax": "markup.highlight.guesssyntax",
    "pygmentsstyle": "markup.highlight.style",
}
"""Older names of Hugo's, and ours, to the names of the settings; the newer one wins where a file has both."""

QUIET: Final[frozenset[str]] = frozenset(
    # what a build does, and not what a site is
    "archetypedir build cachedir caches cleandestinationdir deployment disablebrowsererror disablefastrender"  # noqa: SIM905
    " disablelivereload enablemissingtranslationplaceholders env environment httpcache ignorecache"
    " ignoreerrors ignorelogs ignorevendorpaths imaging log logfile loglevel logi18nwarnings logpathwarnings"
    " minify.disablecss minify.disablehtml minify.disablejs minify.disablejson minify.disablesvg minify.disablexml"
    " minify.tdewolff minifyoutput newcontenteditor nobuildlock nochmod notimes paniconwarning printi18nwarnings"
    " printpathwarnings printunusedtemplates quiet rendersegments renderto resourcedir security segments"
    " server templatemetrics templatemetricshints timeout verbose verboselog watch workingdir configdir"
    # what Go templates alone read
    " assetdir contenttypes disabledefaultlanguageredirect disabledefaultsiteredirect enableinlineshortcodes"
    " i18ndir layoutdir mediatypes metadataformat themesdir"
    # services that no page of ours asks for
    " privacy.disqus privacy.googleanalytics privacy.instagram privacy.twitter privacy.vimeo privacy.x"
    " privacy.youtube.disable"
    # languages, settled in `languages.py`
    " defaultcontentlanguage defaultcontentlanguageinsubdir disablelanguages languages languagedirection"
    " languagename"
    # of modules what is no source of content, and services that no page of ours asks for
    " module.auth module.hugoversion module.novendor module.noproxy module.params module.private module.proxy"
    " module.replacements module.vendorclosest module.workspace services.instagram services.twitter services.x"
    # formats of content that are not read, and what is always so here
    " markup.asciidocext markup.asciidoctor markup.defaultmarkdownhandler markup.pandoc markup.rst markup.org"
    " markup.goldmark.duplicateresourcefiles markup.goldmark.renderhooks markup.highlight.noclasses"
    " pygmentsuseclasses pygmentsuseclassic"
    # what Hugo itself no longer reads
    " blackfriday markup.blackfriday disable404 disablerss disablesitemap footnoteanchorprefix"
    " footnotereturnlinkcontents forcesyncstatic preservetaxonomynames publishdrafts rssuri"
    " sourcerelativelinkseval sourcerelativelinksprojectfolder stepanalysis uniqueid usemodtimeasfallback".split()
)
"""Hugo's settings that need no honouring: nothing that a reader of the site sees depends on them."""

UNHONOURED: Final[frozenset[str]] = frozenset(
    "canonifyurls defaultoutputformat disqusshortname googleanalytics markup.goldmark markup.highlight"  # noqa: SIM905
    " markup.tableofcontents module outputformats page roles services social theme"
    " versions defaultcontentrole defaultcontentroleinsubdir defaultcontentversion"
    " defaultcontentversioninsubdir".split()
)
"""Hugo's settings that sitegen knows of and does not honour."""

WITHOUT_EFFECT: Final[dict[str, object]] = {
    "canonifyurls": False,
    "defaultoutputformat": "html",
    "markup.goldmark.extensions.cjk.eastasianlinebreaksstyle": "simple",
    "markup.goldmark.extensions.cjk.escapedspace": False,
    "markup.goldmark.parser.autodefinitiontermid": False,
    "markup.highlight.hlinline": False,
    "markup.highlight.nohl": False,
}
"""Values of settings that are not honoured with which nothing is asked for: Hugo's defaults."""

SHORT_FORMS: Final[dict[str, tuple[str, bool]]] = {
    "markup.goldmark.extensions.typographer": ("disable", True),
    "markup.goldmark.extensions.footnote": ("enable", False),
    "markup.goldmark.parser.attribute": ("title", False),
    "budget": ("enable", False),
    "minify": ("minifyoutput", False),
}
"""Tables for which a truth value may stand: the key that it sets, and whether to its opposite."""
