//! Decimal digits: all there are, or the fewest that read back as the same number.

use std::fmt;

use num_bigint::BigUint;
use num_traits::Signed;

use super::Number;

impl Number {
    /// Every decimal digit of the magnitude, and where the point stands in them.
    pub(in crate::hcl) fn exact(&self) -> (Vec<u8>, i64) {
        let digits = decimal(
            &self.mantissa.abs().to_biguint().unwrap_or_default(),
            self.exponent,
        );
        let point = i64::try_from(digits.len()).unwrap_or(0) + self.exponent.min(0);
        (digits, point)
    }

    /// The decimal digits of the shortest text that reads back as this number, and where the point stands in them.
    pub(in crate::hcl) fn shortest(&self) -> (Vec<u8>, i64) {
        let magnitude = self.mantissa.abs().to_biguint().unwrap_or_default();
        let bits = magnitude.bits();
        if self.exponent >= 0 && bits + u64::try_from(self.exponent).unwrap_or(0) <= self.precision
        {
            let digits = (magnitude << u64::try_from(self.exponent).unwrap_or(0))
                .to_string()
                .into_bytes();
            let point = i64::try_from(digits.len()).unwrap_or(0);
            return (digits, point);
        }
        // One unit is half of the last place of a mantissa of full precision.
        let shift = (self.precision + 1).saturating_sub(bits);
        let exponent = self.exponent - i64::try_from(shift).unwrap_or(0);
        let middle = magnitude << shift;
        let inclusive = !middle.bit(1);
        let [middle, low, high] =
            [middle.clone(), &middle - 1u8, middle + 1u8].map(|value| decimal(&value, exponent));
        let width = high.len();
        let [middle, low] =
            [middle, low].map(|digits| [vec![b'0'; width - digits.len()], digits].concat());
        let point = i64::try_from(width).unwrap_or(0) + exponent.min(0);
        let skipped = middle.iter().take_while(|digit| **digit == b'0').count();
        (cut(middle, &low, &high, inclusive, skipped), point)
    }
}

/// The decimal digits of `value × 2^exponent`; for a negative exponent the last `-exponent` of them are the fraction.
fn decimal(value: &BigUint, exponent: i64) -> Vec<u8> {
    let size = exponent.unsigned_abs();
    let scaled = if exponent >= 0 {
        value << size
    } else {
        value * BigUint::from(5u8).pow(u32::try_from(size).unwrap_or(u32::MAX))
    };
    scaled.to_string().into_bytes()
}

/// Cuts `digits` where every number between `low` and `high` that starts so reads back the same.
fn cut(digits: Vec<u8>, low: &[u8], high: &[u8], inclusive: bool, skipped: usize) -> Vec<u8> {
    let last = |bound: &[u8], at: usize| bound[at + 1..].iter().all(|digit| *digit == b'0');
    for at in skipped..digits.len() {
        let digit = digits[at];
        let down = low[at] != digit || (inclusive && last(low, at));
        let up = digit != high[at] && (inclusive || digit + 1 < high[at] || !last(high, at));
        if down && up {
            return round(digits, at + 1);
        }
        if down {
            return padded(digits[..=at].to_vec(), digits.len());
        }
        if up {
            return increment(digits, at + 1);
        }
    }
    digits
}

/// Rounds half to even after `keep` digits, which become zeros; a carry beyond the first digit is lost.
pub(in crate::hcl) fn round(digits: Vec<u8>, keep: usize) -> Vec<u8> {
    let Some(next) = digits.get(keep) else {
        return digits;
    };
    let exact_half = *next == b'5' && digits[keep + 1..].iter().all(|digit| *digit == b'0');
    let up = if exact_half {
        keep > 0 && (digits[keep - 1] - b'0') % 2 == 1
    } else {
        *next >= b'5'
    };
    if up {
        increment(digits, keep)
    } else {
        padded(digits[..keep].to_vec(), digits.len())
    }
}

/// The first `keep` digits plus one in their last place, zeros behind.
fn increment(mut digits: Vec<u8>, keep: usize) -> Vec<u8> {
    let width = digits.len();
    digits.truncate(keep);
    for digit in digits.iter_mut().rev() {
        if *digit < b'9' {
            *digit += 1;
            break;
        }
        *digit = b'0';
    }
    padded(digits, width)
}

fn padded(mut digits: Vec<u8>, width: usize) -> Vec<u8> {
    digits.resize(width, b'0');
    digits
}

impl fmt::Display for Number {
    /// Plain decimal digits, never an exponent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_infinite() {
            return f.write_str(if self.infinity < 0 { "-Inf" } else { "+Inf" });
        }
        let (digits, point) = self.shortest();
        let digits = String::from_utf8_lossy(&digits).into_owned();
        let at = usize::try_from(point).unwrap_or(0);
        let lead = "0".repeat(usize::try_from(-point).unwrap_or(0));
        let tail = "0".repeat(at.saturating_sub(digits.len()));
        let (whole, fraction) = digits.split_at(at.min(digits.len()));
        let whole = format!("{whole}{tail}");
        let whole = whole.trim_start_matches('0');
        let fraction = format!("{lead}{fraction}");
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.is_negative() { "-" } else { "" };
        write!(f, "{sign}{}", if whole.is_empty() { "0" } else { whole })?;
        if fraction.is_empty() {
            Ok(())
        } else {
            write!(f, ".{fraction}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn n(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn numbers_print_with_the_fewest_digits() {
        for text in [
            "0",
            "1",
            "-12.5",
            "0.1",
            "1000000",
            "12345678901234567890",
            "0.000001",
            "123456.789",
        ] {
            assert_eq!(n(text).to_string(), text);
        }
        assert_eq!(n("1e22").to_string(), "10000000000000000000000");
        assert_eq!(n("12.50").to_string(), "12.5");
        assert_eq!(Number::float(0.1).unwrap().to_string(), "0.1");
        assert_eq!(n("1e300").to_string(), format!("1{}", "0".repeat(300)));
    }
}
