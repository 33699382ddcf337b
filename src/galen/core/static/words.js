// The scripts' own words: `_("…")` says a message in the page's language; `translations` stands before this file unless that is English.

globalThis._ = (message, values = {}) =>
  (globalThis.translations?.[message] ?? message).replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
