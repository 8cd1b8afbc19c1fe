//! Shell texts: whether a line of them judges changes, and whether what it says counts.

/// The lines of a script that do something, a line that goes on put together.
pub(super) fn lines(script: &str) -> Vec<String> {
    let joined = script.replace("\\\n", " ");
    joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// Whether a line runs `freehold` with these words behind it, options between them.
pub(super) fn runs(line: &str, words: &[&str]) -> bool {
    let mut rest = line.split_whitespace().skip_while(|word| !is_freehold(word)).skip(1);
    words.iter().all(|wanted| rest.any(|word| word.trim_end_matches([';', '"', '\'']) == *wanted))
}

/// The program by its name or by a path.
fn is_freehold(word: &str) -> bool {
    let word = word.trim_matches(['"', '\'', '(', '$']);
    word == "freehold" || word.ends_with("/freehold") || word.ends_with("/freehold.exe")
}

/// Whether the line goes on as if nothing had happened when the program says no.
pub(super) fn ignores_failure(line: &str) -> bool {
    let after = line.split_once("||").map(|(_, after)| after.trim_start()).unwrap_or_default();
    let swallows = ["true", ":", "echo", "exit 0"].iter().any(|word| after.starts_with(word));
    let in_background = line.ends_with('&') && !line.ends_with("&&");
    let goes_on = line.split_once(';').is_some_and(|(_, after)| ["true", ":", "exit 0"].contains(&after.trim()));
    swallows || in_background || goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_found_behind_a_path_and_between_options() {
        for line in [
            "freehold verify --repo .",
            "exec /usr/local/bin/freehold --format github verify --repo .",
            "GIT_DIR=x \"$BIN/freehold\" -q verify",
        ] {
            assert!(runs(line, &["verify"]), "{line}");
        }
        for line in ["echo verify freehold", "freehold check", "my-freehold verify", "install freehold"] {
            assert!(!runs(line, &["verify"]), "{line}");
        }
        assert!(runs("freehold hook pre-receive --actor-env GL_USERNAME", &["hook", "pre-receive"]));
    }

    #[test]
    fn a_swallowed_refusal_is_seen() {
        for line in ["freehold verify || true", "freehold verify || echo no", "freehold verify &", "freehold verify; exit 0"] {
            assert!(ignores_failure(line), "{line}");
        }
        for line in ["freehold verify", "freehold verify || exit 1", "cd x && freehold verify"] {
            assert!(!ignores_failure(line), "{line}");
        }
    }

    #[test]
    fn a_line_that_goes_on_is_one_line_and_a_comment_is_none() {
        assert_eq!(lines("# freehold verify\nfreehold \\\n  verify\n"), ["freehold    verify"]);
    }
}
