# A report as the body of a comment. What is left of its markup folds, marks code and breaks lines; all else is text:
# no mentions, references, images, links or other HTML, no control or format characters, and no marker but the first line.
#
# Splitting and joining, because `gsub` of jq 1.6 takes a minute for a report that is nothing but what it looks for.
def without($found; $put): split($found) | join($put);
# behind($mark; $next; $put): puts something behind each mark that such a text follows, of which 20 characters count.
def behind($mark; $next; $put): split($mark) | [.[0]] + (.[1:] | map($mark + (if .[:20] | test($next) then $put else "" end) + .)) | join("");

# Control and format characters (Cc and Cf of Unicode, without line breaks and tabs), what breaks lines besides, and the private ones, which stand
# for entities below.
def odd:
  [0, 8], [11, 31], [127, 159], [173, 173], [1536, 1541], [1564, 1564], [1757, 1757], [1807, 1807], [2192, 2193], [2274, 2274], [6158, 6158],
  [8203, 8207], [8232, 8238], [8288, 8303], [57344, 63743], [65279, 65279], [65529, 65531], [69821, 69837], [78896, 78911], [113824, 113827],
  [119155, 119162], [917504, 917631];
def is_odd: . as $code | ($code < 32 or $code > 126) and any(odd; .[0] <= $code and $code <= .[1]);

# The entities that the program writes, each as one character while the rest is looked at: ASCII's marks, and the space of no width. What another one
# hides would be read only after all this.
def entity: "^(3[3-9]|4[0-7]|5[89]|6[0-4]|9[1-6]|12[3-6]|8203);";
def held: split("&#") | [.[0]] + (.[1:] | map(
    if .[:5] | test(entity) then (.[:5] | index(";")) as $stop | (.[:$stop] | tonumber) as $code
      | ([if $code == 8203 then $code else 57344 + $code end] | implode) + .[$stop + 1:]
    else "&#" + . end)) | join("");
def shown: explode | map(if 57344 <= . and . < 57472 then "&#\(. - 57344);" else [.] | implode end) | join("");

# Of the host, numbers refer to issues of any repository, and the beginning of an id to a commit.
def referring: "^[0-9]+(?![0-9A-Za-z_])";
def commits: gsub("(?<![0-9A-Za-z_])(?=[a-f]*[0-9])(?=[0-9]*[a-f])(?<id>[0-9a-f]{7,40})(?![0-9A-Za-z_])"; [.id | scan(".{1,6}")] | join("<wbr>"));

$report[:$longest]
| explode | map(select(is_odd | not)) | implode
| held
| without("&"; "&amp;")
| without("\ue040"; "@") | without("@"; "@\u200b")
| without("]("; "]\u200b(")
| without("]["; "]\u200b[")
| without("]:"; "]\u200b:")
| behind("#"; referring; "\u200b") | behind("\ue023"; referring; "\u200b")
| reduce ("gh", "gH", "Gh", "GH") as $name (.; behind($name + "-"; "^[0-9]"; "\u200b") | behind($name + "\ue02d"; "^[0-9]"; "\u200b"))
| without("://"; ":\u200b//")
| without("www."; "www\u200b.")
| split("<") | [.[0]] + (.[1:] | map((if .[:16] | test("^(/?(code|details|summary|br|wbr|b|del)|details open)>") then "<" else "&lt;" end) + .)) | join("")
| commits
| shown
| (length > $most) as $is_long
| (if $is_long then .[:$most] | sub("\n[^\n]*$"; "") else . end)
| . + (if $is_long or ($report | length) > $longest then "\n\nThe rest is in the log of the run.\n" else "" end)
| { body: "<!-- freehold \($name) -->\n\(.)" }
