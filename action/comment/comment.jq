# A report as the body of a comment. What is left of its markup folds, marks code and breaks lines; all else is text:
# no mentions, references, images, links or other HTML, no control or format characters, and no marker but the first line.
def without($found; $put): split($found) | join($put);

$report[:$longest]
| gsub("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]|\\p{Cf}"; "")
| without("&"; "&amp;") | gsub("&amp;(?=#[1-9][0-9]{1,3};)"; "&")
| without("&#64;"; "@") | without("@"; "@\u200b")
| without("]("; "]\u200b(")
| without("]["; "]\u200b[")
| without("]:"; "]\u200b:")
| gsub("(?<!&)(?<mark>#|[Gg][Hh]-)(?=[0-9]+(?![0-9A-Za-z_]))"; "\(.mark)\u200b")
| without("://"; ":\u200b//")
| without("www."; "www\u200b.")
| without("<"; "&lt;") | gsub("&lt;(?=/?(code|details|summary|br|wbr|b|del)>|details open>)"; "<")
| (length > $most) as $is_long
| (if $is_long then .[:$most] | sub("\n[^\n]*$"; "") else . end)
| . + (if $is_long or ($report | length) > $longest then "\n\nThe rest is in the log of the run.\n" else "" end)
| { body: "<!-- freehold \($name) -->\n\(.)" }
