# shellcheck shell=bash
# Java: a program is compiled and run, by the interpreter and by the compilers, which change code that other threads run.
need openjdk-17-jre-headless openjdk-17-jdk-headless

cat >Main.java <<'END'
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;

public class Main {
    static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
    static int deep(int n) { return deep(n + 1) + 1; }
    public static void main(String[] args) throws Exception {
        System.out.println(fib(24));
        ExecutorService pool = Executors.newFixedThreadPool(4);
        List<Future<Long>> parts = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            final long k = t;
            parts.add(pool.submit(() -> {
                long sum = 0;
                for (int i = 0; i < 100000; i++)
                    sum += i * k % 7;
                return sum;
            }));
        }
        long sum = 0;
        for (Future<Long> part : parts)
            sum += part.get();
        pool.shutdown();
        System.out.println(sum);
        Map<String, Integer> map = new TreeMap<>();
        for (int i = 0; i < 20000; i++)
            map.merge("k" + i % 1000, 1, Integer::sum);
        System.out.println(map.size() + " " + map.get("k7"));
        System.out.println(IntStream.range(0, 100000).parallel().mapToLong(i -> i % 3).sum());
        try { ((Object) args[0]).toString(); } catch (ArrayIndexOutOfBoundsException e) { System.out.println(e.getMessage()); }
        try { String s = map.size() > 0 ? null : ""; s.length(); } catch (NullPointerException e) { System.out.println("null"); }
        try { deep(0); } catch (StackOverflowError e) { System.out.println("deep"); }
        try { System.out.println(1 / (map.size() - 1000)); } catch (ArithmeticException e) { System.out.println(e.getMessage()); }
        byte[][] junk = new byte[100][];
        for (int i = 0; i < 5000; i++)
            junk[i % 100] = new byte[10000];
        System.gc();
        System.out.printf("%.10f %x%n", Math.sin(1.0), "hello".hashCode());
    }
}
END
expected='46368
1799994
1000 20
99999
Index 0 out of bounds for length 0
null
deep
/ by zero
0.8414709848 5e918d2'
java=/usr/lib/jvm/java-17-openjdk-i386/bin
is "-version" "$(in_guest $java/java -version 2>&1 | grep -c '^openjdk version "17')" 1
is "javac" "$(in_guest $java/javac Main.java 2>&1; ls Main.class)" Main.class
is "the compilers" "$(in_guest $java/java -cp . Main 2>&1)" "$expected"
is "the interpreter" "$(in_guest $java/java -Xint -cp . Main 2>&1)" "$expected"
is "the first compiler" "$(in_guest $java/java -Xcomp -XX:TieredStopAtLevel=1 -cp . Main 2>&1)" "$expected"
