//! The `freehold` command.

fn main() -> std::process::ExitCode {
    freehold::cli::run()
}
