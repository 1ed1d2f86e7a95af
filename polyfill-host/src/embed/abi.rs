//! The canonical ABI of types that cross as a handle, delegated to wasmtime's own handle types.

/// Implements `ComponentType`, `Lower` and `Lift` for a type whose lowered form is one `i32`.
///
/// `typecheck(ty, types)`, `lower(self, ty => handle)` and `lift(ty)` say which of wasmtime's types stands for it. That depends
/// on the ABI of the component, which `ty` shows.
macro_rules! handle_abi {
    (
        impl<$param:ident: [$($bound:tt)+]> for $name:ty;
        typecheck($check_ty:ident, $types:ident) $typecheck:block
        lower($this:ident, $lower_ty:ident, $with:ident) $lower:block
        lift($lift_ty:ident, $from:ident) $lift:block
    ) => {
        // SAFETY: in memory and flattened it is a handle, a 32-bit number. So is each of the types that `typecheck`, `lower`
        // and `lift` delegate to. All three use the component's own type.
        unsafe impl<$param: $($bound)+> ComponentType for $name {
            type Lower = <u32 as ComponentType>::Lower;
            const ABI: CanonicalAbiInfo = CanonicalAbiInfo::SCALAR4;
            const MAY_REQUIRE_REALLOC: bool = false;

            fn typecheck($check_ty: &InterfaceType, $types: &InstanceType<'_>) -> Result<()> $typecheck
        }

        // SAFETY: see `ComponentType`.
        unsafe impl<$param: $($bound)+> Lower for $name {
            fn linear_lower_to_flat<U>(
                &self,
                cx: &mut LowerContext<'_, U>,
                $lower_ty: InterfaceType,
                dst: &mut MaybeUninit<Self::Lower>,
            ) -> Result<()> {
                let $this = self;
                macro_rules! $with {
                    ($handle:expr) => {
                        $handle.linear_lower_to_flat(cx, $lower_ty, dst)
                    };
                }
                $lower
            }

            fn linear_lower_to_memory<U>(
                &self,
                cx: &mut LowerContext<'_, U>,
                $lower_ty: InterfaceType,
                offset: usize,
            ) -> Result<()> {
                let $this = self;
                macro_rules! $with {
                    ($handle:expr) => {
                        $handle.linear_lower_to_memory(cx, $lower_ty, offset)
                    };
                }
                $lower
            }
        }

        // SAFETY: see `ComponentType`.
        unsafe impl<$param: $($bound)+> Lift for $name {
            fn linear_lift_from_flat(
                cx: &mut LiftContext<'_>,
                $lift_ty: InterfaceType,
                src: &Self::Lower,
            ) -> Result<Self> {
                macro_rules! $from {
                    ($handle:ty) => {
                        <$handle>::linear_lift_from_flat(cx, $lift_ty, src)
                    };
                }
                $lift
            }

            fn linear_lift_from_memory(
                cx: &mut LiftContext<'_>,
                $lift_ty: InterfaceType,
                bytes: &[u8],
            ) -> Result<Self> {
                macro_rules! $from {
                    ($handle:ty) => {
                        <$handle>::linear_lift_from_memory(cx, $lift_ty, bytes)
                    };
                }
                $lift
            }
        }
    };
}

pub(super) use handle_abi;
