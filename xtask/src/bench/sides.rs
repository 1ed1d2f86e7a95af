//! Those that a row compares, and how they take turns.

use anyhow::Result;

/// Ours and native; in some rows also ours built for the split ABI, where ours is translated.
#[derive(Default)]
pub struct Sides<T> {
    pub ours: T,
    pub built: Option<T>,
    pub native: Option<T>,
}

/// What each measured, in each turn.
pub type Samples = Sides<Vec<f64>>;

impl<T> Sides<T> {
    pub fn pair(ours: T, native: T) -> Self {
        Self {
            ours,
            built: None,
            native: Some(native),
        }
    }

    pub fn alone(ours: T) -> Self {
        Self {
            ours,
            built: None,
            native: None,
        }
    }

    pub fn map<U>(&self, mut to: impl FnMut(&T) -> U) -> Sides<U> {
        Sides {
            ours: to(&self.ours),
            built: self.built.as_ref().map(&mut to),
            native: self.native.as_ref().map(to),
        }
    }
}

/// Lets each side measure `N` quantities, in turns. So what else the machine does hits all alike.
pub fn in_turns<T, const N: usize>(
    rounds: usize,
    sides: &Sides<T>,
    mut measure: impl FnMut(&T) -> Result<[f64; N]>,
) -> Result<[Samples; N]> {
    let mut samples = [(); N].map(|()| sides.map(|_| vec![]));
    let mut turn = |side: &T, of: fn(&mut Samples) -> Option<&mut Vec<f64>>| -> Result<()> {
        for (quantity, figure) in samples.iter_mut().zip(measure(side)?) {
            if let Some(figures) = of(quantity) {
                figures.push(figure);
            }
        }
        Ok(())
    };
    for _ in 0..rounds {
        turn(&sides.ours, |samples| Some(&mut samples.ours))?;
        if let Some(side) = &sides.built {
            turn(side, |samples| samples.built.as_mut())?;
        }
        if let Some(side) = &sides.native {
            turn(side, |samples| samples.native.as_mut())?;
        }
    }
    Ok(samples)
}

/// The value below which this share of the figures is. There must be some.
pub fn quantile(figures: &[f64], share: f64) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = share * (sorted.len() - 1) as f64;
    let (below, above) = (at.floor() as usize, at.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * at.fract()
}

pub fn median(figures: &[f64]) -> f64 {
    quantile(figures, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_take_turns() {
        let mut order = vec![];
        let sides = Sides {
            ours: 1,
            built: Some(2),
            native: Some(3),
        };
        let [single, double] = in_turns(2, &sides, |side| {
            order.push(*side);
            Ok([f64::from(*side), f64::from(2 * side)])
        })
        .unwrap();
        assert_eq!(order, [1, 2, 3, 1, 2, 3]);
        assert_eq!(single.built, Some(vec![2.0, 2.0]));
        assert_eq!(double.native, Some(vec![6.0, 6.0]));
    }

    #[test]
    fn quantiles_lie_between_figures() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(quantile(&[1.0, 2.0], 0.1), 1.1);
    }
}
