//! How long to wait before the next attempt. Pure: the dice are thrown by the caller.

use std::time::Duration;

/// The longest wait, before jitter.
const MOST: Duration = Duration::from_secs(30);
/// The wait after the first failure, before jitter.
const FIRST: Duration = Duration::from_millis(500);

/// The wait after so many failures in a row: half a second, doubled each time up to 30 s, give or take a fifth.
/// `roll` is from 0 to 1 and says how much is given or taken, so that many clients do not come back at once.
pub(super) fn backoff(failures: u32, roll: f64) -> Duration {
    let doubled = FIRST.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(MOST).mul_f64(0.8 + 0.4 * roll.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_half_a_minute_and_never_leaves_its_bounds() {
        let waits: Vec<f32> = [1, 2, 3, 6, 7, 100, u32::MAX].map(|n| backoff(n, 0.5).as_secs_f32()).into();
        assert_eq!(waits, [0.5, 1.0, 2.0, 16.0, 30.0, 30.0, 30.0]);
        assert_eq!(backoff(0, 0.5), FIRST);
        for failures in 0..50 {
            for roll in [0.0, 0.3, 1.0, -9.0, 9.0, f64::NAN.max(0.0)] {
                let wait = backoff(failures, roll);
                assert!(wait >= FIRST.mul_f64(0.799) && wait <= MOST.mul_f64(1.201), "{failures} {roll} {wait:?}");
            }
        }
    }
}
