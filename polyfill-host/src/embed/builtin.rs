//! The types that WIT and Rust both have: numbers, strings, lists, options, results, tuples.

use bytes::Bytes;
use wasmtime::component::Val;
use wasmtime::{Result, StoreContextMut, bail};

use super::value::{Carrier, Handles, UNEXPECTED, Value, weight_of};
use crate::split::SplitView;

macro_rules! primitive {
    ($($ty:ty as $val:ident)*) => {$(
        impl Value for $ty {
            fn into_val<H: Handles>(self, _: &mut H) -> Result<Val> {
                Ok(Val::$val(self))
            }

            fn from_val<H: Handles>(val: Val, _: &mut H) -> Result<Self> {
                match val {
                    Val::$val(value) => Ok(value),
                    _ => bail!(UNEXPECTED),
                }
            }
        }
    )*};
}

primitive! {
    bool as Bool
    i8 as S8
    i16 as S16
    u16 as U16
    i32 as S32
    u32 as U32
    i64 as S64
    u64 as U64
    f32 as Float32
    f64 as Float64
    char as Char
}

impl Value for String {
    const POINTS: bool = true;

    fn weight(&self) -> usize {
        self.len()
    }

    fn into_val<H: Handles>(self, _: &mut H) -> Result<Val> {
        Ok(Val::String(self))
    }

    fn from_val<H: Handles>(val: Val, _: &mut H) -> Result<Self> {
        match val {
            Val::String(value) => Ok(value),
            _ => bail!(UNEXPECTED),
        }
    }
}

impl Value for u8 {
    const CARRIER: Carrier = Carrier::Bytes;

    fn into_val<H: Handles>(self, _: &mut H) -> Result<Val> {
        Ok(Val::U8(self))
    }

    fn from_val<H: Handles>(val: Val, _: &mut H) -> Result<Self> {
        match val {
            Val::U8(value) => Ok(value),
            _ => bail!(UNEXPECTED),
        }
    }

    fn from_bytes(bytes: Bytes) -> Vec<u8> {
        bytes.into()
    }

    fn into_bytes(items: Vec<u8>) -> Bytes {
        items.into()
    }
}

/// An absent type: a function's result, a side of a `result`, the payload of a stream.
impl Value for () {
    const CARRIER: Carrier = Carrier::Units;

    fn into_val<H: Handles>(self, _: &mut H) -> Result<Val> {
        bail!("what is absent is no value")
    }

    fn from_val<H: Handles>(_: Val, _: &mut H) -> Result<Self> {
        bail!(UNEXPECTED)
    }

    fn into_payload<H: Handles>(self, _: &mut H) -> Result<Option<Box<Val>>> {
        Ok(None)
    }

    fn from_payload<H: Handles>(val: Option<Box<Val>>, _: &mut H) -> Result<Self> {
        match val {
            None => Ok(()),
            Some(_) => bail!(UNEXPECTED),
        }
    }

    fn from_count(count: usize) -> Vec<()> {
        vec![(); count]
    }
}

impl<T: Value> Value for Vec<T> {
    const HANDLES: bool = T::HANDLES;
    const POINTS: bool = true;

    fn weight(&self) -> usize {
        weight_of(self)
    }

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        if T::HANDLES {
            for item in self {
                item.arrive(store)?;
            }
        }
        Ok(())
    }

    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        if T::HANDLES {
            for item in self {
                item.leave(store)?;
            }
        }
        Ok(())
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        let items = self.into_iter().map(|item| item.into_val(handles));
        Ok(Val::List(items.collect::<Result<_>>()?))
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        let Val::List(items) = val else {
            bail!(UNEXPECTED);
        };
        let items = items.into_iter().map(|item| T::from_val(item, handles));
        items.collect()
    }
}

impl<T: Value> Value for Option<T> {
    const HANDLES: bool = T::HANDLES;
    const POINTS: bool = T::POINTS;

    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Value::weight)
    }

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        match self {
            Some(value) => value.arrive(store),
            None => Ok(()),
        }
    }

    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        match self {
            Some(value) => value.leave(store),
            None => Ok(()),
        }
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        Ok(Val::Option(match self {
            Some(value) => Some(Box::new(value.into_val(handles)?)),
            None => None,
        }))
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        match val {
            Val::Option(Some(value)) => Ok(Some(T::from_val(*value, handles)?)),
            Val::Option(None) => Ok(None),
            _ => bail!(UNEXPECTED),
        }
    }
}

impl<T: Value, E: Value> Value for Result<T, E> {
    const HANDLES: bool = T::HANDLES || E::HANDLES;
    const POINTS: bool = T::POINTS || E::POINTS;

    fn weight(&self) -> usize {
        match self {
            Ok(value) => value.weight(),
            Err(error) => error.weight(),
        }
    }

    fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        match self {
            Ok(value) => value.arrive(store),
            Err(error) => error.arrive(store),
        }
    }

    fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
        match self {
            Ok(value) => value.leave(store),
            Err(error) => error.leave(store),
        }
    }

    fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
        Ok(Val::Result(match self {
            Ok(value) => Ok(value.into_payload(handles)?),
            Err(error) => Err(error.into_payload(handles)?),
        }))
    }

    fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
        match val {
            Val::Result(Ok(value)) => Ok(Ok(T::from_payload(value, handles)?)),
            Val::Result(Err(error)) => Ok(Err(E::from_payload(error, handles)?)),
            _ => bail!(UNEXPECTED),
        }
    }
}

macro_rules! tuple {
    ($($name:ident)+) => {
        #[allow(non_snake_case, reason = "a type's name is its variable's")]
        impl<$($name: Value),+> Value for ($($name,)+) {
            const HANDLES: bool = false $(|| $name::HANDLES)+;
            const POINTS: bool = false $(|| $name::POINTS)+;

            fn weight(&self) -> usize {
                let ($($name,)+) = self;
                0 $(+ $name.weight())+
            }

            fn arrive<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
                let ($($name,)+) = self;
                $($name.arrive(store)?;)+
                Ok(())
            }

            fn leave<S: SplitView>(&mut self, store: &mut StoreContextMut<'_, S>) -> Result<()> {
                let ($($name,)+) = self;
                $($name.leave(store)?;)+
                Ok(())
            }

            fn into_val<H: Handles>(self, handles: &mut H) -> Result<Val> {
                let ($($name,)+) = self;
                Ok(Val::Tuple(vec![$($name.into_val(handles)?),+]))
            }

            fn from_val<H: Handles>(val: Val, handles: &mut H) -> Result<Self> {
                let Val::Tuple(items) = val else {
                    bail!(UNEXPECTED);
                };
                let mut items = items.into_iter();
                let tuple = ($(
                    match items.next() {
                        Some(item) => $name::from_val(item, handles)?,
                        None => bail!(UNEXPECTED),
                    },
                )+);
                match items.next() {
                    None => Ok(tuple),
                    Some(_) => bail!(UNEXPECTED),
                }
            }
        }
    };
}

macro_rules! tuples {
    ($first:ident $($rest:ident)*) => {
        tuple!($first $($rest)*);
        tuples!($($rest)*);
    };
    () => {};
}

// As many as wasmtime has.
tuples!(A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16 A17);
