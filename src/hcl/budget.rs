//! How much one evaluation may work, make and nest: hostile text ends in an error, not in a machine without memory.

use std::cell::Cell;

use super::diagnostic::Diagnostic;
use super::value::Value;

/// What one evaluation has left. Its limits lie far above what real configurations need.
pub struct Budget {
    /// What there was in the beginning.
    limit: Limit,
    steps: Cell<u64>,
    made: Cell<u64>,
    templates: Cell<u32>,
    instances: Cell<u64>,
    /// How often something was refused.
    refused: Cell<u32>,
}

/// How much one evaluation may do: the number of expressions evaluated and of parts of arguments looked at, to which the other
/// limits are in proportion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    steps: u64,
}

impl Default for Limit {
    fn default() -> Self {
        Self::of(Self::USUAL)
    }
}

impl Limit {
    /// The usual number of steps.
    pub const USUAL: u64 = 10_000_000;

    /// So many steps, and everything else in proportion.
    pub fn of(steps: u64) -> Self {
        Self { steps }
    }

    /// Values made, where a text counts for one each 32 bytes.
    fn made(self) -> u64 {
        self.steps / 4
    }

    /// Values that one value is made of, counted as often as they are in it.
    fn parts(self) -> u64 {
        (self.steps / 20).min(MOST_PARTS.into())
    }

    /// Instances of resources and modules.
    fn instances(self) -> u64 {
        self.steps / 200
    }
}

/// Values that one value is made of, at most: beyond this they are not counted.
pub const MOST_PARTS: u32 = u32::MAX / 4;
/// Bytes of one text or file.
pub const MOST_BYTES: usize = 16 << 20;
/// Templates that render templates.
const MOST_TEMPLATES: u32 = 32;
/// So many parts of an argument are looked at in the time that an expression takes.
const PARTS_A_STEP: u64 = 16;
/// After so many refusals nothing more is evaluated: what goes on after each could still go on for ever.
const MOST_REFUSALS: u32 = 16;

impl Default for Budget {
    fn default() -> Self {
        Self::new(Limit::default())
    }
}

impl Budget {
    /// The budget of one evaluation.
    pub fn new(limit: Limit) -> Self {
        Self {
            limit,
            steps: Cell::new(limit.steps),
            made: Cell::new(limit.made()),
            templates: Cell::new(MOST_TEMPLATES),
            instances: Cell::new(limit.instances()),
            refused: Cell::new(0),
        }
    }

    /// The complaint about what exceeds the budget.
    pub fn over(&self, detail: impl Into<String>) -> Diagnostic {
        self.refused.set(self.refused.get().saturating_add(1));
        if self.refused.get() >= MOST_REFUSALS {
            self.steps.set(0);
        }
        Diagnostic::over_budget(detail.into())
    }

    /// Takes an amount from what is left of something. Once it is spent, so are the steps: nothing more is evaluated.
    fn spend(&self, of: &Cell<u64>, amount: u64, what: &str, most: u64) -> Result<(), Diagnostic> {
        if let Some(left) = of.get().checked_sub(amount) {
            of.set(left);
            return Ok(());
        }
        // What asks for too much by itself leaves the others what they need.
        if amount <= most {
            of.set(0);
            self.steps.set(0);
        }
        Err(self.over(format!(
            "Evaluating this configuration takes more than {most} {what}, which no real one does; --evaluation-limit raises it."
        )))
    }

    /// One more expression is evaluated.
    ///
    /// # Errors
    /// When that is one too many.
    pub fn step(&self) -> Result<(), Diagnostic> {
        self.spend(&self.steps, 1, "steps", self.limit.steps)
    }

    /// A function or operator looks at values, each as often as at all parts of another.
    ///
    /// # Errors
    /// When that takes too long.
    pub fn look(&self, values: &[Value], times: usize) -> Result<(), Diagnostic> {
        let parts = values.iter().map(|value| u64::from(value.parts.weight));
        let times = u64::try_from(times.max(1)).unwrap_or(u64::MAX);
        let steps = parts.sum::<u64>().saturating_mul(times) / PARTS_A_STEP;
        self.spend(&self.steps, steps, "steps", self.limit.steps)
    }

    /// A value was made: its own elements or text are new, what is in them may be shared.
    ///
    /// # Errors
    /// When it is too large, or there are too many already.
    pub fn made(&self, value: &Value) -> Result<(), Diagnostic> {
        self.fits(value.parts.weight.into())?;
        let own = match value.as_str() {
            Some(_) => u64::from(value.parts.weight),
            None => value
                .elements()
                .map(|elements| elements.len())
                .or_else(|| value.members().map(|members| members.len()))
                .map_or(0, |count| u64::try_from(count).unwrap_or(u64::MAX)),
        };
        self.spend(&self.made, own, "values", self.limit.made())
    }

    /// Whether one value may be made of that many.
    ///
    /// # Errors
    /// When it may not.
    pub fn fits(&self, parts: u64) -> Result<(), Diagnostic> {
        let most = self.limit.parts();
        if parts <= most {
            return Ok(());
        }
        Err(self.over(format!(
            "This makes a value of more than {most} parts, which no real configuration has; --evaluation-limit raises it."
        )))
    }

    /// Whether one text may be that long.
    ///
    /// # Errors
    /// When it may not.
    pub fn text(&self, bytes: usize) -> Result<(), Diagnostic> {
        if bytes <= MOST_BYTES {
            return Ok(());
        }
        Err(self.over(format!(
            "This makes a text of more than {MOST_BYTES} bytes, which no real configuration has."
        )))
    }

    /// A block has that many instances.
    ///
    /// # Errors
    /// When there are too many in all.
    pub fn instances(&self, count: u64) -> Result<(), Diagnostic> {
        self.spend(&self.instances, count, "instances", self.limit.instances())
    }

    /// Renders a template inside those that are being rendered.
    ///
    /// # Errors
    /// When there are too many around it.
    pub fn template<T>(
        &self,
        render: impl FnOnce() -> Result<T, Diagnostic>,
    ) -> Result<T, Diagnostic> {
        let Some(left) = self.templates.get().checked_sub(1) else {
            return Err(self.over(format!(
                "Templates render templates more than {MOST_TEMPLATES} deep, as one that renders itself does."
            )));
        };
        self.templates.set(left);
        let outcome = render();
        self.templates.set(left + 1);
        outcome
    }
}
