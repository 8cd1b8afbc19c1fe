# What `integrate` did, as Markdown. Nothing of the user's is markup, a mention or a link.
def plain: [explode[] | if (48 <= . and . <= 57) or (65 <= . and . <= 90) or (97 <= . and . <= 122) or . == 32 then [.] | implode else "&#\(.);" end] | add // "";

(.landed | map("- <code>\("\(.team)/\(.source)" | plain)</code>: \(.changes | length) files changed")) as $landed
| (.refused | map(.branch as $branch | .diagnostics[] | select(.severity == "error") | "- <code>\($branch | plain)</code>: \(.code) \(.title | plain)")) as $refused
| [
    (if $landed != [] then "**Landed**\n" else empty end), $landed[],
    (if $refused != [] then "\n**Waits on**\n" else empty end), $refused[:100][],
    (if ($refused | length) > 100 then "- … and \(($refused | length) - 100) more" else empty end),
    (if $landed == [] and $refused == [] then "Nothing waits." else empty end)
  ]
| join("\n")
