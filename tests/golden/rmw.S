/* Read-modify-write: the address is checked once. LOCK and XCHG too.
 * mode: flat
 */
        .code32
        incl    (%eax)
        addl    %ecx, 8(%eax)
        orb     $1, (%ebx)
        negw    (%ebx)
        shll    $2, (%esi)
        lock
        xaddl   %ecx, (%edx)
        lock
        cmpxchgl %ecx, (%edi)
        xchgl   %eax, (%edi)
        adcl    $0, (%eax)
        btsl    %ecx, (%eax)
        ret
        int3
