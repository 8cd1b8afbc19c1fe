//! Files that commands write.

use std::io::Write;
use std::path::Path;

use super::Failure;

/// Writes a file so that a reader sees the old one or the new one, and never a part.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut builder = tempfile::Builder::new();
    readable(builder.prefix(".freehold-"));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut fresh = builder.tempfile_in(folder)?;
    fresh.write_all(bytes)?;
    fresh.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file is its owner's only; what a command writes is for others too, such as whoever runs Airflow.
#[cfg(unix)]
fn readable(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o644));
}

#[cfg(not(unix))]
fn readable(_: &mut tempfile::Builder<'_, '_>) {}
