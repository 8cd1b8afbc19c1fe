//! All grants of a central repository at once.

use super::PolicyFiles;
use crate::diag::Sink;
use crate::name::TeamName;
use crate::policy::lint_grants;
use crate::source::Sources;

/// Reads all grants and tells what is wrong with each and with all of them together; gives how many could be read.
///
/// Lints see those that could be read, and the platform's file, if it can be; what is wrong with that is not told. Costs what the grants hold.
pub fn check_grants(
    platform: Option<&[u8]>,
    grants: impl IntoIterator<Item = (TeamName, Vec<u8>)>,
    sources: &Sources,
    sink: &mut Sink,
) -> usize {
    let read = |(team, bytes): (TeamName, Vec<u8>)| PolicyFiles::read_grant(Some(&bytes), &team, None, sources, sink);
    let grants: Vec<_> = grants.into_iter().filter_map(read).collect();
    let platform = platform.and_then(|bytes| PolicyFiles::read_platform(Some(bytes), sources, &mut Sink::new()));
    sink.extend(lint_grants(platform.as_ref(), &grants));
    grants.len()
}
