# shellcheck shell=bash
# Python's own tests.
need python3 libpython3.11-testsuite

python_tests='test_int test_float test_math test_struct test_array test_bytes test_unicode test_dict test_list test_set test_generators
    test_json test_re test_zlib test_hashlib test_thread test_threading test_queue test_signal test_mmap test_fcntl test_select
    test_poll test_epoll test_pipes test_os test_time test_ctypes test_subprocess'
in_guest /usr/bin/python3 -m test -x test_none --list-tests >/dev/null 2>&1
for name in $python_tests; do
    in_guest /usr/bin/python3 -m test -q "$name" >"python-$name.log" 2>&1 </dev/null
    status=$?
    [ $status -eq 0 ] || tail -n 5 "python-$name.log"
    is "python's $name" $status 0
done
