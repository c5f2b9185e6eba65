//! Turns a panic of the crate `parquet` into an error.
//!
//! On damaged data its decoders return errors for the most part, but some reach an `unwrap` or a slice out of
//! bounds. A file must not end the program, so decoding, and what copies rows, runs in here.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use ::parquet::errors::ParquetError;

thread_local! {
    /// Is this thread decoding?
    static DECODING: Cell<bool> = const { Cell::new(false) };
}
static HOOK: Once = Once::new();

/// What `work` returns, or an error with the message of the panic it ended in. Whatever `work` had in hand is then in
/// an unknown state and must not be used.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    // Else each panic would be told on standard error, though nothing went wrong that the user is not told.
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !DECODING.get() {
                before(panic);
            }
        }));
    });
    DECODING.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    DECODING.set(false);
    outcome.unwrap_or_else(|panic| Err(ParquetError::General(message(&*panic).to_owned())))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    match (panic.downcast_ref::<&str>(), panic.downcast_ref::<String>()) {
        (Some(said), _) => said,
        (_, Some(said)) => said,
        _ => "no message",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_errors() {
        assert_eq!(guarded(|| Ok(1)).unwrap(), 1);
        let cut = |end: usize| guarded(|| Ok("abc"[..end].len()));
        assert_eq!(cut(2).unwrap(), 2);
        assert!(cut(4).unwrap_err().to_string().contains("out of bounds"), "{:?}", cut(4));
        let error = guarded::<()>(|| panic!("said {}", 7)).unwrap_err();
        assert_eq!(error.to_string(), "Parquet error: said 7");
        assert!(!DECODING.get());
    }
}
