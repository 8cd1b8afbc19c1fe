# What `integrate` refused, as annotations: encoded as "Workflow commands for GitHub Actions" says, so that no text starts a command.
def data: gsub("%"; "%25") | gsub("\r"; "%0D") | gsub("\n"; "%0A");
def property: data | gsub(":"; "%3A") | gsub(","; "%2C");

.refused[]
| .branch as $branch
| .diagnostics[]
| select(.severity == "error" or .severity == "warning")
| "::\(.severity) title=\("\(.code) \($branch)" | property)::\(.title | data)"
