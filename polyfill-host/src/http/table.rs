//! The resources of one type that guests have, each with its weight.

use slab::Slab;
use wasmtime::component::Resource;
use wasmtime::{Result, bail};

use crate::core::{Budget, Resources, Share, Weigh};

/// The resources of one type. wasmtime has checked a guest's handle before its representation gets here.
pub(crate) struct Table<X> {
    slab: Slab<Held<X>>,
    resources: Resources,
    budget: Budget,
}

struct Held<X> {
    resource: X,
    share: Share,
}

/// The name of such a resource in errors of the budget.
pub(crate) trait Named {
    const WHAT: &str;
}

impl<X: Weigh + Named + 'static> Table<X> {
    /// An empty table. `resources` counts those of all types.
    pub fn new(resources: &Resources, budget: &Budget) -> Self {
        Table {
            slab: Slab::new(),
            resources: resources.clone(),
            budget: budget.clone(),
        }
    }

    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// # Errors
    ///
    /// If there are too many resources, or the host holds too much: a trap.
    pub fn push(&mut self, resource: X) -> Result<Resource<X>> {
        self.resources.add()?;
        let mut share = self.budget.share();
        share.hold(size_of::<Held<X>>() + resource.weight(), X::WHAT)?;
        let index = self.slab.insert(Held { resource, share });
        Ok(Resource::new_own(index as u32))
    }

    pub fn get(&self, of: &Resource<X>) -> Result<&X> {
        match self.slab.get(of.rep() as usize) {
            Some(held) => Ok(&held.resource),
            None => bail!("no resource {}", of.rep()),
        }
    }

    /// Changes a resource in a way that does not change its weight.
    pub fn get_mut(&mut self, of: &Resource<X>) -> Result<&mut X> {
        self.held(of).map(|held| &mut held.resource)
    }

    /// Changes a resource. Beside its result, `change` returns how much lighter and how much heavier the resource has become.
    ///
    /// # Errors
    ///
    /// If there is no such resource, or the host holds too much now: a trap.
    pub fn change<R>(
        &mut self,
        of: &Resource<X>,
        change: impl FnOnce(&mut X) -> (R, usize, usize),
    ) -> Result<R> {
        let Held { resource, share } = self.held(of)?;
        let (result, less, more) = change(resource);
        let rest = share.held().saturating_sub(less);
        share.hold(rest + more, X::WHAT)?;
        Ok(result)
    }

    pub fn take(&mut self, of: Resource<X>) -> Result<X> {
        self.take_held(of).map(|(resource, _)| resource)
    }

    /// Takes a resource out of the table. It counts as long as its share is kept.
    pub fn take_held(&mut self, of: Resource<X>) -> Result<(X, Share)> {
        match self.slab.try_remove(of.rep() as usize) {
            Some(Held { resource, share }) => {
                self.resources.remove();
                Ok((resource, share))
            }
            None => bail!("no resource {}", of.rep()),
        }
    }

    fn held(&mut self, of: &Resource<X>) -> Result<&mut Held<X>> {
        match self.slab.get_mut(of.rep() as usize) {
            Some(held) => Ok(held),
            None => bail!("no resource {}", of.rep()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for String {
        fn weight(&self) -> usize {
            self.len()
        }
    }

    impl Named for String {
        const WHAT: &str = "a text";
    }

    #[test]
    fn a_resource_weighs_what_is_in_it_until_it_is_dropped() {
        let budget = Budget::new(10_000);
        let mut table = Table::new(&Resources::new(10), &budget);
        let text = table.push("x".repeat(1000)).unwrap();
        let empty = budget.held() - 1000;
        let shrink = |text: &mut String| (text.truncate(10), 1000, 10);
        table.change(&text, shrink).unwrap();
        assert_eq!(budget.held(), empty + 10);
        let grow = |text: &mut String| (text.push_str(&"x".repeat(20_000)), 0, 20_000);
        let error = table.change(&text, grow).unwrap_err().to_string();
        assert!(error.contains("a text"), "{error}");
        let (_, share) = table.take_held(text).unwrap();
        assert!(budget.held() > 20_000);
        drop(share);
        assert_eq!(budget.held(), 0);
    }

    #[test]
    fn resources_of_all_types_are_counted_together() {
        let (budget, resources) = (Budget::new(1 << 20), Resources::new(2));
        let (mut a, mut b) = (
            Table::<String>::new(&resources, &budget),
            Table::<String>::new(&resources, &budget),
        );
        let first = a.push("a".into()).unwrap();
        b.push("b".into()).unwrap();
        let error = a.push("c".into()).unwrap_err().to_string();
        assert!(error.contains("`-S max-resources=N`"), "{error}");
        a.take(first).unwrap();
        b.push("d".into()).unwrap();
    }
}
