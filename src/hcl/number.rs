//! Numbers as the language has them: binary floats with a mantissa of 512 bits, printed with the fewest digits that
//! read back as the same number.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{Signed, ToPrimitive, Zero};

/// Bits of the mantissa of a number read from text; results of arithmetic keep the larger of their operands'.
const PRECISION: u64 = 512;
/// Bits of a number made from a machine integer.
const INTEGER_PRECISION: u64 = 64;
/// Decimal exponents beyond this are refused: exact digits would not fit in memory.
const MAX_EXPONENT: i64 = 20_000;

/// A number: `mantissa × 2^exponent`, or an infinity.
#[derive(Clone, Debug)]
pub struct Number {
    mantissa: BigInt,
    exponent: i64,
    precision: u64,
    /// `1` or `-1` for an infinity, else `0`.
    infinity: i8,
    /// Whether it is zero with a minus sign, which prints as `-0` and is otherwise like zero.
    minus: bool,
}

impl Number {
    /// A whole number.
    pub fn int(value: i64) -> Self {
        Self {
            mantissa: value.into(),
            exponent: 0,
            precision: INTEGER_PRECISION,
            infinity: 0,
            minus: false,
        }
    }

    /// A number from an integer of any size.
    pub fn big(value: BigInt) -> Self {
        Self {
            mantissa: value,
            exponent: 0,
            precision: PRECISION,
            infinity: 0,
            minus: false,
        }
        .rounded()
    }

    /// Positive or negative infinity, which a division by zero gives.
    pub fn infinity(negative: bool) -> Self {
        Self {
            mantissa: BigInt::zero(),
            exponent: 0,
            precision: PRECISION,
            infinity: if negative { -1 } else { 1 },
            minus: false,
        }
    }

    /// A machine float; nothing for what is no number.
    pub fn float(value: f64) -> Option<Self> {
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self::infinity(value < 0.0));
        }
        let bits = value.to_bits();
        let raw = i64::try_from((bits >> 52) & 0x7ff).unwrap_or_default();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = if raw == 0 {
            (fraction, -1074)
        } else {
            (fraction | (1 << 52), raw - 1075)
        };
        let mantissa = if value < 0.0 {
            -BigInt::from(mantissa)
        } else {
            mantissa.into()
        };
        let minus = value == 0.0 && value.is_sign_negative();
        Some(
            Self {
                mantissa,
                exponent,
                precision: 53,
                infinity: 0,
                minus,
            }
            .rounded(),
        )
    }

    /// Reads decimal text such as `12`, `-1.50` or `1e3`. Nothing when it is no number, or one too large to hold.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (digits, power) = match digits.split_once(['e', 'E']) {
            Some((digits, power)) => (digits, power.parse::<i64>().ok()?),
            None => (digits, 0),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{fraction}");
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let power = power - i64::try_from(fraction.len()).ok()?;
        if power.abs() > MAX_EXPONENT {
            return None;
        }
        let mantissa = BigInt::parse_bytes(all.as_bytes(), 10)?;
        if mantissa.is_zero() {
            return Some(Self {
                mantissa,
                exponent: 0,
                precision: PRECISION,
                infinity: 0,
                minus: negative,
            });
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        let scale = BigInt::from(10).pow(u32::try_from(power.unsigned_abs()).ok()?);
        if power >= 0 {
            return Some(
                Self {
                    mantissa: mantissa * scale,
                    exponent: 0,
                    precision: PRECISION,
                    infinity: 0,
                    minus: false,
                }
                .rounded(),
            );
        }
        Some(quotient(&mantissa, &scale, 0, PRECISION))
    }

    /// Rounds the mantissa to the precision, half to even, and drops its trailing zero bits.
    fn rounded(mut self) -> Self {
        if self.mantissa.is_zero() {
            self.exponent = 0;
            return self;
        }
        let excess = self.mantissa.bits().saturating_sub(self.precision);
        if excess > 0 {
            let (sign, magnitude) = self.mantissa.into_parts();
            let mut kept = &magnitude >> excess;
            let rest = &magnitude - (&kept << excess);
            let half = BigUint::from(1u8) << (excess - 1);
            if rest > half || (rest == half && kept.bit(0)) {
                kept += 1u8;
            }
            self.mantissa = BigInt::from_biguint(sign, kept);
            self.exponent += i64::try_from(excess).unwrap_or(i64::MAX);
        }
        let zeros = self.mantissa.trailing_zeros().unwrap_or(0);
        self.mantissa >>= zeros;
        self.exponent += i64::try_from(zeros).unwrap_or(0);
        self
    }

    /// The mantissa shifted so that it counts units of `2^exponent`; the exponent must not be above its own.
    fn at(&self, exponent: i64) -> BigInt {
        &self.mantissa << u64::try_from(self.exponent - exponent).unwrap_or(0)
    }

    /// Whether it is an infinity.
    pub fn is_infinite(&self) -> bool {
        self.infinity != 0
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.infinity == 0 && self.mantissa.is_zero()
    }

    /// Whether it has a minus sign, be it that of a zero.
    pub fn is_negative(&self) -> bool {
        self.minus || self.signum() < 0
    }

    /// Minus one, zero or one.
    pub fn signum(&self) -> i64 {
        if self.is_infinite() {
            return self.infinity.into();
        }
        match self.mantissa.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    /// The number with its sign turned.
    pub fn negated(&self) -> Self {
        Self {
            mantissa: -&self.mantissa,
            infinity: -self.infinity,
            minus: self.is_zero() && !self.minus,
            ..self.clone()
        }
    }

    /// The sum; nothing for opposite infinities.
    pub fn plus(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            let sum = i16::from(self.infinity) + i16::from(other.infinity);
            return (sum != 0).then(|| Self::infinity(sum < 0));
        }
        let exponent = self.exponent.min(other.exponent);
        let mantissa = self.at(exponent) + other.at(exponent);
        let minus = self.minus && other.minus;
        Some(
            Self {
                mantissa,
                exponent,
                precision: self.precision.max(other.precision),
                infinity: 0,
                minus,
            }
            .rounded(),
        )
    }

    /// The difference; nothing for an infinity less itself.
    pub fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.negated())
    }

    /// The product; nothing for zero times infinity.
    pub fn times(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            let sign = self.signum() * other.signum();
            return (sign != 0).then(|| Self::infinity(sign < 0));
        }
        let mantissa = &self.mantissa * &other.mantissa;
        if mantissa.is_zero() {
            return Some(Self {
                mantissa,
                minus: self.is_negative() != other.is_negative(),
                ..Self::int(0)
            });
        }
        let product = Self {
            mantissa,
            exponent: self.exponent + other.exponent,
            precision: PRECISION,
            infinity: 0,
            minus: false,
        }
        .rounded();
        let needed = product.mantissa.bits();
        Some(Self {
            precision: self.precision.max(other.precision).max(needed),
            ..product
        })
    }

    /// The quotient: an infinity for a division by zero, nothing for zero by zero or infinity by infinity.
    pub fn over(&self, other: &Self) -> Option<Self> {
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => return None,
            (true, false) => {
                return Some(Self::infinity((self.infinity < 0) != (other.signum() < 0)));
            }
            (false, true) => {
                return Some(Self {
                    minus: self.is_negative() != (other.infinity < 0),
                    ..Self::int(0)
                });
            }
            (false, false) => {}
        }
        if other.is_zero() {
            return (!self.is_zero()).then(|| Self::infinity(self.is_negative() != other.minus));
        }
        if self.is_zero() {
            return Some(Self {
                minus: self.is_negative() != other.is_negative(),
                ..Self::int(0)
            });
        }
        let precision = self.precision.max(other.precision);
        Some(quotient(
            &self.mantissa,
            &other.mantissa,
            self.exponent - other.exponent,
            precision,
        ))
    }

    /// The remainder of the division truncated towards zero, with the dividend's sign.
    pub fn modulo(&self, other: &Self) -> Option<Self> {
        if self.is_infinite() || other.is_infinite() {
            return self.times(other);
        }
        if other.is_zero() {
            return Some(self.clone());
        }
        let whole = self.over(other)?.truncated();
        self.minus(&other.times(&whole)?)
    }

    /// The whole part.
    pub fn truncated(&self) -> Self {
        if self.exponent >= 0 || self.is_infinite() {
            return Self {
                minus: false,
                ..self.clone()
            };
        }
        Self {
            mantissa: self.whole_part(),
            exponent: 0,
            ..self.clone()
        }
        .rounded()
    }

    fn whole_part(&self) -> BigInt {
        let shift = u64::try_from(-self.exponent).unwrap_or(0);
        let (sign, magnitude) = self.mantissa.clone().into_parts();
        BigInt::from_biguint(sign, magnitude >> shift)
    }

    /// The greatest whole number that is not greater.
    pub fn floor(&self) -> Self {
        let whole = self.truncated();
        if whole > *self {
            whole.minus(&Self::int(1)).unwrap_or(whole)
        } else {
            whole
        }
    }

    /// The least whole number that is not less.
    pub fn ceil(&self) -> Self {
        Self {
            minus: false,
            ..self.negated().floor().negated()
        }
    }

    /// Whether it has no fraction.
    pub fn is_whole(&self) -> bool {
        !self.is_infinite() && self.exponent >= 0
    }

    /// The integer it is; nothing for fractions and infinities.
    pub fn to_big(&self) -> Option<BigInt> {
        self.is_whole().then(|| self.at(0))
    }

    /// The machine integer it is; nothing for fractions and what is too large.
    pub fn to_i64(&self) -> Option<i64> {
        self.to_big()?.to_i64()
    }

    /// The number as a plan file keeps it: a machine integer, or a float for a fraction, where that is exact; else its shortest
    /// text.
    pub fn stored(&self) -> Self {
        if self.is_infinite() {
            return self.clone();
        }
        match self.to_i64() {
            Some(whole) => Self::int(whole),
            None => match Self::float(self.to_f64()) {
                Some(float) if float == *self && !self.is_whole() => float,
                _ => Self::parse(&self.to_string()).unwrap_or_else(|| self.clone()),
            },
        }
    }

    /// The nearest machine float.
    pub fn to_f64(&self) -> f64 {
        if self.is_infinite() {
            return f64::INFINITY.copysign(self.infinity.into());
        }
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Every decimal digit of the magnitude, and where the point stands in them.
    pub(super) fn exact(&self) -> (Vec<u8>, i64) {
        let digits = decimal(
            &self.mantissa.abs().to_biguint().unwrap_or_default(),
            self.exponent,
        );
        let point = i64::try_from(digits.len()).unwrap_or(0) + self.exponent.min(0);
        (digits, point)
    }

    /// The decimal digits of the shortest text that reads back as this number, and where the point stands in them.
    pub(super) fn shortest(&self) -> (Vec<u8>, i64) {
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

/// `dividend / divisor × 2^exponent`, rounded.
fn quotient(dividend: &BigInt, divisor: &BigInt, exponent: i64, precision: u64) -> Number {
    let shift = (precision + 2 + divisor.bits()).saturating_sub(dividend.bits());
    let shifted = dividend << shift;
    let (mut mantissa, rest) = (&shifted / divisor, &shifted % divisor);
    mantissa <<= 1;
    if !rest.is_zero() {
        // A sticky bit: what lies beyond the digits kept must still break ties.
        mantissa += if (dividend.sign() == Sign::Minus) == (divisor.sign() == Sign::Minus) {
            1
        } else {
            -1
        };
    }
    let exponent = exponent - i64::try_from(shift).unwrap_or(0) - 1;
    Number {
        mantissa,
        exponent,
        precision,
        infinity: 0,
        minus: false,
    }
    .rounded()
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
pub(super) fn round(digits: Vec<u8>, keep: usize) -> Vec<u8> {
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

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_infinite() || other.is_infinite() {
            return self.infinity.cmp(&other.infinity);
        }
        let exponent = self.exponent.min(other.exponent);
        self.at(exponent).cmp(&other.at(exponent))
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

    #[test]
    fn arithmetic_is_exact_to_512_bits() {
        assert_eq!(n("0.1").plus(&n("0.2")).unwrap().to_string(), "0.3");
        let third = n("10").over(&n("3")).unwrap().to_string();
        assert!(
            third.starts_with("3.333333333") && third.len() == 156 && third.ends_with("33332"),
            "{third}"
        );
        assert_eq!(n("-7").modulo(&n("3")).unwrap(), n("-1"));
        assert_eq!(n("-1.2").floor(), n("-2"));
        assert_eq!(n("1.2").ceil(), n("2"));
        assert!(n("1").over(&n("0")).unwrap().is_infinite() && n("0").over(&n("0")).is_none());
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", "x", "1x", "1e", ".", "0x10", "1e99999999"] {
            assert!(Number::parse(text).is_none(), "{text}");
        }
    }
}
