//! Converts values between WAVE (text) and wasmtime.
//!
//! WAVE has no maps and no lists of fixed length. They are written in their form after the split, so a call is the same for
//! both ABIs: a map as a list of pairs, a list of fixed length as a tuple.

use wasm_wave::value::{Type as WaveType, Value};
use wasm_wave::wasm::{WasmTypeKind, WasmValue};
use wasmtime::component::{Type, Val};

/// The longest list of fixed length that is written as a tuple; the split has the same limit.
const TUPLE: u32 = 10_000;

/// The type in WAVE. The error names the kind of type that WAVE cannot write.
pub(super) fn type_of(ty: &Type) -> Result<WaveType, &'static str> {
    let all = |types: &mut dyn Iterator<Item = Type>| {
        types.map(|ty| type_of(&ty)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match ty {
        Type::Bool => WaveType::BOOL,
        Type::S8 => WaveType::S8,
        Type::U8 => WaveType::U8,
        Type::S16 => WaveType::S16,
        Type::U16 => WaveType::U16,
        Type::S32 => WaveType::S32,
        Type::U32 => WaveType::U32,
        Type::S64 => WaveType::S64,
        Type::U64 => WaveType::U64,
        Type::Float32 => WaveType::F32,
        Type::Float64 => WaveType::F64,
        Type::Char => WaveType::CHAR,
        Type::String => WaveType::STRING,
        Type::List(list) => WaveType::list(type_of(&list.ty())?),
        Type::Record(record) => {
            let fields = record
                .fields()
                .map(|field| Ok((field.name, type_of(&field.ty)?)));
            let fields = fields.collect::<Result<Vec<_>, &'static str>>()?;
            WaveType::record(fields).ok_or("a record without fields")?
        }
        Type::Tuple(tuple) => {
            WaveType::tuple(all(&mut tuple.types())?).ok_or("a tuple without elements")?
        }
        Type::Variant(variant) => {
            let cases = variant.cases().map(|case| {
                let payload = case.ty.as_ref().map(type_of).transpose()?;
                Ok((case.name, payload))
            });
            let cases = cases.collect::<Result<Vec<_>, &'static str>>()?;
            WaveType::variant(cases).ok_or("a variant without cases")?
        }
        Type::Enum(cases) => WaveType::enum_ty(cases.names()).ok_or("an enum without cases")?,
        Type::Option(option) => WaveType::option(type_of(&option.ty())?),
        Type::Result(result) => WaveType::result(
            result.ok().as_ref().map(type_of).transpose()?,
            result.err().as_ref().map(type_of).transpose()?,
        ),
        Type::Flags(flags) => WaveType::flags(flags.names()).ok_or("flags without names")?,
        Type::Map(map) => {
            let pair = vec![type_of(&map.key())?, type_of(&map.value())?];
            WaveType::list(WaveType::tuple(pair).ok_or("a map")?)
        }
        Type::FixedLengthList(list) if list.len() <= TUPLE => {
            let items = vec![type_of(&list.ty())?; list.len() as usize];
            WaveType::tuple(items).ok_or("a list of no elements")?
        }
        Type::FixedLengthList(_) => return Err("a long list of fixed length"),
        Type::Own(_) | Type::Borrow(_) => return Err("a resource"),
        Type::Future(_) => return Err("a future"),
        Type::Stream(_) => return Err("a stream"),
        Type::ErrorContext => return Err("an error-context"),
    })
}

/// The value of a text, for wasmtime, with the type `ty`.
pub(super) fn argument(value: &Value, ty: &Type) -> Val {
    typed(to_val(value), ty)
}

/// The value with maps and lists of fixed length where `ty` has them, instead of their form in WAVE.
fn typed(val: Val, ty: &Type) -> Val {
    let boxed = |val: Option<Box<Val>>, ty: Option<Type>| match (val, ty) {
        (Some(val), Some(ty)) => Some(Box::new(typed(*val, &ty))),
        (val, _) => val,
    };
    match (val, ty) {
        (Val::List(pairs), Type::Map(map)) => {
            let (key, value) = (map.key(), map.value());
            let pairs = pairs.into_iter().filter_map(|pair| match pair {
                Val::Tuple(pair) => {
                    let [one, other] = <[Val; 2]>::try_from(pair).ok()?;
                    Some((typed(one, &key), typed(other, &value)))
                }
                _ => None,
            });
            Val::Map(pairs.collect())
        }
        (Val::Tuple(items), Type::FixedLengthList(list)) => {
            let item = list.ty();
            let items = items.into_iter().map(|val| typed(val, &item));
            Val::FixedLengthList(items.collect())
        }
        (Val::List(items), Type::List(list)) => {
            let item = list.ty();
            Val::List(items.into_iter().map(|val| typed(val, &item)).collect())
        }
        (Val::Tuple(items), Type::Tuple(tuple)) => {
            let items = items.into_iter().zip(tuple.types());
            Val::Tuple(items.map(|(val, ty)| typed(val, &ty)).collect())
        }
        (Val::Record(fields), Type::Record(record)) => {
            let fields = fields.into_iter().zip(record.fields());
            let fields = fields.map(|((name, val), field)| (name, typed(val, &field.ty)));
            Val::Record(fields.collect())
        }
        (Val::Variant(name, payload), Type::Variant(variant)) => {
            let mut cases = variant.cases();
            let ty = cases.find(|case| case.name == name);
            let payload = boxed(payload, ty.and_then(|case| case.ty));
            Val::Variant(name, payload)
        }
        (Val::Option(some), Type::Option(option)) => Val::Option(boxed(some, Some(option.ty()))),
        (Val::Result(Ok(val)), Type::Result(result)) => Val::Result(Ok(boxed(val, result.ok()))),
        (Val::Result(Err(val)), Type::Result(result)) => Val::Result(Err(boxed(val, result.err()))),
        (val, _) => val,
    }
}

fn to_val(value: &Value) -> Val {
    let boxed =
        |value: Option<std::borrow::Cow<'_, Value>>| value.map(|value| Box::new(to_val(&value)));
    match value.kind() {
        WasmTypeKind::Bool => Val::Bool(value.unwrap_bool()),
        WasmTypeKind::S8 => Val::S8(value.unwrap_s8()),
        WasmTypeKind::U8 => Val::U8(value.unwrap_u8()),
        WasmTypeKind::S16 => Val::S16(value.unwrap_s16()),
        WasmTypeKind::U16 => Val::U16(value.unwrap_u16()),
        WasmTypeKind::S32 => Val::S32(value.unwrap_s32()),
        WasmTypeKind::U32 => Val::U32(value.unwrap_u32()),
        WasmTypeKind::S64 => Val::S64(value.unwrap_s64()),
        WasmTypeKind::U64 => Val::U64(value.unwrap_u64()),
        WasmTypeKind::F32 => Val::Float32(value.unwrap_f32()),
        WasmTypeKind::F64 => Val::Float64(value.unwrap_f64()),
        WasmTypeKind::Char => Val::Char(value.unwrap_char()),
        WasmTypeKind::String => Val::String(value.unwrap_string().into_owned()),
        WasmTypeKind::List => Val::List(value.unwrap_list().map(|item| to_val(&item)).collect()),
        WasmTypeKind::Record => Val::Record(
            value
                .unwrap_record()
                .map(|(name, field)| (name.into_owned(), to_val(&field)))
                .collect(),
        ),
        WasmTypeKind::Tuple => Val::Tuple(value.unwrap_tuple().map(|item| to_val(&item)).collect()),
        WasmTypeKind::Variant => {
            let (case, payload) = value.unwrap_variant();
            Val::Variant(case.into_owned(), boxed(payload))
        }
        WasmTypeKind::Enum => Val::Enum(value.unwrap_enum().into_owned()),
        WasmTypeKind::Option => Val::Option(boxed(value.unwrap_option())),
        WasmTypeKind::Result => Val::Result(match value.unwrap_result() {
            Ok(value) => Ok(boxed(value)),
            Err(value) => Err(boxed(value)),
        }),
        WasmTypeKind::Flags => {
            Val::Flags(value.unwrap_flags().map(|name| name.into_owned()).collect())
        }
        // `type_of` makes none of these.
        _ => unreachable!("a value of a type that no text has"),
    }
}

/// A result in WAVE. `None`: it has another type, which wasmtime rules out.
pub(super) fn to_wave(ty: &WaveType, val: &Val) -> Option<Value> {
    use wasm_wave::wasm::WasmType;
    let list = |vals: &[Val], types: &mut dyn Iterator<Item = WaveType>| {
        vals.iter()
            .zip(types)
            .map(|(val, ty)| to_wave(&ty, val))
            .collect::<Option<Vec<_>>>()
    };
    let boxed = |ty: Option<WaveType>, val: &Option<Box<Val>>| match (ty, val) {
        (Some(ty), Some(val)) => Some(Some(to_wave(&ty, val)?)),
        (None, None) => Some(None),
        _ => None,
    };
    let made = match val {
        Val::Bool(value) => return Some(Value::make_bool(*value)),
        Val::S8(value) => return Some(Value::make_s8(*value)),
        Val::U8(value) => return Some(Value::make_u8(*value)),
        Val::S16(value) => return Some(Value::make_s16(*value)),
        Val::U16(value) => return Some(Value::make_u16(*value)),
        Val::S32(value) => return Some(Value::make_s32(*value)),
        Val::U32(value) => return Some(Value::make_u32(*value)),
        Val::S64(value) => return Some(Value::make_s64(*value)),
        Val::U64(value) => return Some(Value::make_u64(*value)),
        Val::Float32(value) => return Some(Value::make_f32(*value)),
        Val::Float64(value) => return Some(Value::make_f64(*value)),
        Val::Char(value) => return Some(Value::make_char(*value)),
        Val::String(value) => return Some(Value::make_string(value.as_str().into())),
        Val::List(vals) => {
            let item = ty.list_element_type()?;
            Value::make_list(ty, list(vals, &mut std::iter::repeat(item))?)
        }
        Val::Map(pairs) => {
            let pair = ty.list_element_type()?;
            let pairs = pairs.iter().map(|(key, value)| {
                let vals = [key.clone(), value.clone()];
                let vals = list(&vals, &mut pair.tuple_element_types())?;
                Value::make_tuple(&pair, vals).ok()
            });
            Value::make_list(ty, pairs.collect::<Option<Vec<_>>>()?)
        }
        Val::Tuple(vals) | Val::FixedLengthList(vals) => {
            Value::make_tuple(ty, list(vals, &mut ty.tuple_element_types())?)
        }
        Val::Record(fields) => {
            let values: Option<Vec<_>> = fields
                .iter()
                .zip(ty.record_fields())
                .map(|((name, val), (_, ty))| Some((name.as_str(), to_wave(&ty, val)?)))
                .collect();
            Value::make_record(ty, values?)
        }
        Val::Variant(case, payload) => {
            let (_, payload_ty) = ty.variant_cases().find(|(name, _)| name == case)?;
            Value::make_variant(ty, case, boxed(payload_ty, payload)?)
        }
        Val::Enum(case) => Value::make_enum(ty, case),
        Val::Option(None) => Value::make_option(ty, None),
        Val::Option(Some(val)) => {
            Value::make_option(ty, Some(to_wave(&ty.option_some_type()?, val)?))
        }
        Val::Result(result) => {
            let (ok, err) = ty.result_types()?;
            Value::make_result(
                ty,
                match result {
                    Ok(val) => Ok(boxed(ok, val)?),
                    Err(val) => Err(boxed(err, val)?),
                },
            )
        }
        Val::Flags(names) => Value::make_flags(ty, names.iter().map(String::as_str)),
        _ => return None,
    };
    made.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_both_ways() {
        let shapes = WaveType::variant([("round", None), ("long", Some(WaveType::U8))]).unwrap();
        let fields = [
            ("list", WaveType::list(WaveType::S64)),
            (
                "pair",
                WaveType::tuple(vec![WaveType::CHAR, WaveType::F64]).unwrap(),
            ),
            ("maybe", WaveType::option(WaveType::STRING)),
            ("outcome", WaveType::result(Some(WaveType::BOOL), None)),
            ("shape", shapes),
            ("color", WaveType::enum_ty(["red", "green"]).unwrap()),
            ("set", WaveType::flags(["a", "b", "c"]).unwrap()),
        ];
        let ty = WaveType::record(fields).unwrap();
        for text in [
            "{list: [-1, 2], pair: ('x', 0.5), maybe: some(\"so\"), outcome: ok(true), \
             shape: long(3), color: green, set: {a, c}}",
            "{list: [], pair: ('ß', inf), outcome: err, shape: round, color: red, set: {}}",
        ] {
            let value: Value = wasm_wave::from_str(&ty, text).unwrap();
            let back = to_wave(&ty, &to_val(&value)).unwrap();
            assert_eq!(back, value);
        }
    }
}
