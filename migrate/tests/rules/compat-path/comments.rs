use /* of */ compat_api /* both */ :: random::random; // compat_api

fn f() -> u64 {
    random::get_random_u64()
}
