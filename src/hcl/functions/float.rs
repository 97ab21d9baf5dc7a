//! Logarithm and power of machine floats, to the last digit as tofu has them.
//!
//! The last digits depend on the method, and a platform's own library uses another: the logarithm is FreeBSD's (a
//! polynomial over a reduced argument), the exponential is Shibata's (Taylor's series over a sixteenth, squared back,
//! with fused multiplications), and a power multiplies by squarings.
#![allow(
    clippy::excessive_precision,
    reason = "the constants have the digits they were published with"
)]

/// Splits a finite number other than zero into a fraction from a half to one and a power of two.
fn split(x: f64) -> (f64, i32) {
    let (x, shift) = if x.abs() < f64::MIN_POSITIVE {
        (x * 2_f64.powi(52), -52)
    } else {
        (x, 0)
    };
    let bits = x.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0) - 1022 + shift;
    (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), exponent)
}

/// `fraction × 2^exponent`.
fn joined(fraction: f64, exponent: i32) -> f64 {
    if fraction == 0.0 || !fraction.is_finite() {
        return fraction;
    }
    let (fraction, own) = split(fraction);
    match own.saturating_add(exponent) {
        1025.. => f64::INFINITY.copysign(fraction),
        // The least step is one half of the smallest denormal: what lies below it is zero.
        power @ -1074.. => {
            // Two steps, of which only the last can round.
            let first = power / 2;
            fraction * 2_f64.powi(first) * 2_f64.powi(power - first)
        }
        _ => 0.0_f64.copysign(fraction),
    }
}

/// The natural logarithm.
pub(super) fn ln(x: f64) -> f64 {
    const HIGH: f64 = 6.931_471_803_691_238_164_90e-1;
    const LOW: f64 = 1.908_214_929_270_587_700_02e-10;
    const ODD: [f64; 4] = [
        6.666_666_666_666_735_130e-1,
        2.857_142_874_366_239_149e-1,
        1.818_357_216_161_805_012e-1,
        1.479_819_860_511_658_591e-1,
    ];
    const EVEN: [f64; 3] = [
        3.999_999_999_940_941_908e-1,
        2.222_219_843_214_978_396e-1,
        1.531_383_769_920_937_332e-1,
    ];
    if x.is_nan() || x <= 0.0 || x.is_infinite() {
        return x.ln();
    }
    let (mut fraction, mut exponent) = split(x);
    if fraction < std::f64::consts::SQRT_2 / 2.0 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let (f, k) = (fraction - 1.0, f64::from(exponent));
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (ODD[0] + s4 * (ODD[1] + s4 * (ODD[2] + s4 * ODD[3])));
    let even = s4 * (EVEN[0] + s4 * (EVEN[1] + s4 * EVEN[2]));
    let half_square = 0.5 * f * f;
    k * HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LOW)) - f)
}

/// The exponential of a small number.
fn exp(x: f64) -> f64 {
    const HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    const SERIES: [f64; 8] = [
        2.480_158_730_158_730_158_7e-5,
        1.984_126_984_126_984_127_0e-4,
        1.388_888_888_888_888_888_9e-3,
        8.333_333_333_333_333_333_3e-3,
        4.166_666_666_666_666_666_7e-2,
        1.666_666_666_666_666_666_7e-1,
        0.5,
        1.0,
    ];
    if !x.is_finite() || x > 7.097_827_128_933_84e2 {
        return x.exp();
    }
    let power = (x * std::f64::consts::LOG2_E).round_ties_even();
    let reduced = (-power).mul_add(LOW, (-power).mul_add(HIGH, x)) * 0.0625;
    let series = SERIES[1..]
        .iter()
        .fold(SERIES[0], |sum, term| sum.mul_add(reduced, *term));
    let mut result = reduced * series;
    for _ in 0..3 {
        result *= result + 2.0;
    }
    // A power out of range is far out of it: the cast saturates.
    joined((result + 2.0).mul_add(result, 1.0), power as i32)
}

/// `x` to the power of `y`; not a number where there is none.
pub(super) fn pow(x: f64, y: f64) -> f64 {
    let special = x == 0.0
        || x == 1.0
        || y == 0.0
        || y == 1.0
        || y.abs() == 0.5
        || !x.is_finite()
        || !y.is_finite();
    let (whole, part) = (y.abs().trunc(), y.abs().fract());
    if special || (part != 0.0 && x < 0.0) || whole >= 2_f64.powi(63) {
        return match y {
            0.5 => x.sqrt(),
            -0.5 => 1.0 / x.sqrt(),
            _ => x.powf(y),
        };
    }
    let (mut whole, part) = if part > 0.5 {
        (whole + 1.0, part - 1.0)
    } else {
        (whole, part)
    };
    let mut result = if part == 0.0 { 1.0 } else { exp(part * ln(x)) };
    let mut exponent = 0_i32;
    let (mut square, mut square_exponent) = split(x);
    while whole > 0.0 {
        if square_exponent.abs() > 1 << 12 {
            exponent = exponent.saturating_add(square_exponent);
            break;
        }
        if whole % 2.0 == 1.0 {
            result *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        whole = (whole / 2.0).trunc();
    }
    if y < 0.0 {
        joined(1.0 / result, -exponent)
    } else {
        joined(result, exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_are_tofus() {
        assert_eq!(ln(2.0) / ln(3.0), 0.6309297535714575);
        assert_eq!(pow(1e-7, 1.5), 0.000000000031622776601683775);
        assert_eq!(pow(3.0, 37.0), 450283905890997376.0);
        assert_eq!(pow(64.0, 1.0 / 3.0), 3.999999999999999);
        assert_eq!(
            pow(9223372036854775808.0, 1.5),
            28011385487393023000000000000.0
        );
    }

    #[test]
    fn the_ends_of_the_range_are_met() {
        assert_eq!(pow(2.0, 1023.0), f64::MAX / (2.0 - f64::EPSILON));
        assert_eq!(
            (pow(2.0, 1024.0), pow(2.0, -1074.0), pow(2.0, -1080.0)),
            (f64::INFINITY, 5e-324, 0.0)
        );
        assert!(
            pow(-8.0, 1.0 / 3.0).is_nan() && pow(-2.0, 3.0) == -8.0 && pow(0.0, -1.0).is_infinite()
        );
    }
}
