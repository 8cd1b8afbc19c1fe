# A report as the body of a comment. What is left of its markup folds, marks code and breaks lines; all else is text:
# no mentions, images, links or other HTML, no control or direction characters, and no marker but the first line.
def without($found; $put): split($found) | join($put);

$report[:$longest]
| gsub("[\u0000-\u0008\u000b-\u001f\u007f\u200b-\u200f\u202a-\u202e\u2066-\u2069]"; "")
| gsub("&(?!#[1-9][0-9]{1,3};)"; "&amp;")
| without("&#64;"; "@") | without("@"; "@\u200b")
| without("]("; "]\u200b(")
| without("]["; "]\u200b[")
| gsub("\\]:(?!:)"; "]\u200b:")
| without("://"; ":\u200b//")
| without("www."; "www\u200b.")
| gsub("<(?!/?(code|details|summary|br|wbr|b|del)>|details open>)"; "&lt;")
| . + (if ($report | length) > $longest then "\n\nThe rest is in the log of the run.\n" else "" end)
| { body: "<!-- freehold \($name) -->\n\(.)" }
