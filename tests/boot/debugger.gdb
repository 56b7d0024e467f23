# What tests/boot/debugger has gdb do; tests/boot/debugger.expected is what has to come of it.
set pagination off
set confirm off
set width 0
set startup-with-shell off
break main
run

echo step watch\n
watch counter
continue
continue
delete

echo step rwatch\n
tbreak main
run
rwatch source
continue
continue
delete

echo step awatch\n
tbreak main
run
awatch source
continue
continue
delete

echo step watch of a string instruction\n
tbreak main
run
watch buffer[21]
continue
print $ecx
delete

echo step hbreak\n
tbreak main
run
hbreak square if x == 3
continue
info breakpoints
finish
delete

echo step stepi\n
tbreak fill
run
x/7i $pc
display/i $pc
stepi
stepi
stepi
stepi
stepi
stepi
undisplay 1

echo step until\n
tbreak sum_of_squares
run
next
next
next
until
print sum
finish

echo step four at once\n
tbreak main
run
watch counter
watch sink
awatch source
hbreak square
continue
continue
continue
continue
continue
delete
continue
