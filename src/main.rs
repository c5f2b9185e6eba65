//! The `naskh` program: outcomes become exit codes here, and nothing else happens.

mod cli;
mod report;

use std::process::ExitCode;

use cli::Outcome;

/// Articles come and go by the million; the system's allocator gives memory back to the system and asks for
/// it again far too often (docs/performance.md).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        // Whoever reads the output has seen enough.
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(2)
        }
    }
}
