//! Which images may run.

use crate::diag::{Diagnostic, Sink, codes as code, quoted_list};
use crate::name::matches_glob;
use crate::source::Span;
use crate::spec::Platform;

/// Tells when an image has no tag or digest, is `latest`, or comes from a place that the platform does not allow.
///
/// The grammar of names is that of the OCI distribution specification: `registry[:port]/path[:tag][@digest]`.
pub fn check_image(image: &str, span: Span, platform: &Platform, sink: &mut Sink) {
    let (name, tag, digest) = split(image);
    if !name.is_empty() && name.chars().all(|character| character.is_ascii_digit() || character == '.') {
        let fault = Diagnostic::error(&code::IMAGE_TAG, format!("`{image}` is no image name")).at(span, "");
        sink.push(fault.help(format!("write a name before it: `registry.example/NAME:{image}`")));
        return;
    }
    let path = name.split_once('/').map_or(name, |(host, path)| if host.contains(['.', ':']) || host == "localhost" { path } else { name });
    if image.contains("://") || path.chars().any(|character| character.is_ascii_uppercase()) {
        let fixed = image.split("://").last().unwrap_or(image).replace(path, &path.to_ascii_lowercase());
        let fault = Diagnostic::error(&code::IMAGE_TAG, format!("`{image}` is no image name")).at(span, "");
        sink.push(fault.help(format!("write lower-case letters, and no `https://`: `{fixed}`")));
    } else if name.split('/').any(|part| matches!(part, "" | "." | ".."))
        || image.chars().any(|character| character.is_whitespace() || character.is_control())
    {
        sink.push(
            Diagnostic::error(&code::IMAGE_TAG, format!("`{}` is no image name", image.escape_debug()))
                .at(span, "")
                .help("write `registry/path:tag`"),
        );
    } else if let Some((first, _)) = tag.and_then(|tag| tag.split_once(':')) {
        let fault = Diagnostic::error(&code::IMAGE_TAG, format!("`{image}` is no image name")).at(span, "it has two tags");
        sink.push(fault.help(format!("write one of them: `{name}:{first}`")));
    } else if tag == Some("latest") && digest.is_none() {
        let fault = Diagnostic::error(&code::IMAGE_TAG, format!("image `{image}` is whatever was pushed last"));
        sink.push(fault.at(span, "").help(format!("write the tag that you have tested: `{name}:1.4.2`")));
    } else if tag.is_none_or(str::is_empty) && digest.is_none() {
        let fault = Diagnostic::error(&code::IMAGE_TAG, format!("image `{image}` has no tag"));
        sink.push(fault.at(span, "").help(format!("write a tag or a digest: `{name}:1.4.2`")));
    }
    let Some(allowed) = &platform.images else { return };
    if allowed.iter().any(|glob| matches_glob(&glob.value, name) || matches_glob(&glob.value, image)) {
        return;
    }
    let mut fault = Diagnostic::error(&code::IMAGE_NOT_ALLOWED, format!("image `{image}` is not from a registry that the platform allows"))
        .at(span, "");
    if let Some(first) = allowed.first() {
        fault = fault.at(first.span, "what is allowed");
    }
    sink.push(fault.help(format!("use an image that matches {}", quoted_list(allowed.iter().map(|glob| glob.value.as_str())))));
}

/// Name, tag and digest. A colon before the last `/` belongs to the registry's port.
fn split(image: &str) -> (&str, Option<&str>, Option<&str>) {
    let (rest, digest) = image.split_once('@').map_or((image, None), |(rest, digest)| (rest, Some(digest)));
    let path = rest.rfind('/').map_or(0, |at| at + 1);
    match rest[path..].split_once(':') {
        Some((last, tag)) => (&rest[..path + last.len()], Some(tag), digest),
        None => (rest, None, digest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(split("registry:5000/churn"), ("registry:5000/churn", None, None));
        assert_eq!(split("registry:5000/churn:1"), ("registry:5000/churn", Some("1"), None));
        assert_eq!(split("a/b@sha256:0"), ("a/b", None, Some("sha256:0")));
    }
}
