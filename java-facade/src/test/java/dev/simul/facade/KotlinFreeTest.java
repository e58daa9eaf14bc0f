// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.facade.cluster.Cluster;
import dev.simul.facade.simulation.Simulations;
import java.lang.invoke.MethodType;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import kotlin.jvm.functions.Function0;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class KotlinFreeTest {
    private final Set<String> runtime = RuntimeApi.members();
    private final Set<Type> seen = new HashSet<>();
    private final Deque<Class<?>> open = new ArrayDeque<>();
    private final List<Class<?>> visited = new ArrayList<>();
    private final Set<String> reached = new LinkedHashSet<>();
    private final List<String> kotlin = new ArrayList<>();

    @Test
    @DisplayName("no signature of the facade names a type of Kotlin, nor do those of the runtime's types it names")
    void noKotlin() throws Exception {
        var facade = publicClasses();
        var some = List.of(Asyncio.class, Future.class, Task.class, EventLoop.class, Simulations.class, Cluster.class);
        assertTrue(facade.containsAll(some), facade::toString);
        visitAll(facade);
        assertEquals(List.of(), kotlin);
        assertTrue(reached.contains("dev.simul.exceptions.BaseExceptionGroup"), reached::toString);
        assertTrue(reached.contains("dev.simul.context.Token"), reached::toString);
        assertTrue(reached.contains("dev.simul.transports.Transport"), reached::toString);
        assertTrue(reached.contains("dev.simul.transports.BufferedProtocol"), reached::toString);
        assertTrue(reached.contains("dev.simul.process.SubprocessTransport"), reached::toString);
        assertTrue(reached.contains("dev.simul.tls.SniCallback"), reached::toString);
        assertTrue(reached.contains("dev.simul.simulation.histories.Verdict"), reached::toString);
        assertTrue(reached.contains("dev.simul.cluster.ClusterMember"), reached::toString);
    }

    @Test
    @DisplayName("no interface that Java meets has a method to implement that is not public API")
    void implementable() throws Exception {
        visitAll(publicClasses());
        var met = visited.stream().filter(Class::isInterface).toList();
        assertTrue(met.contains(dev.simul.transports.Transport.class), met::toString);
        var hidden = met.stream()
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .filter(method -> !isOffered(method, descriptorOf(method)))
                .toList();
        assertEquals(List.of(), hidden);
    }

    @Test
    @DisplayName("a type of Kotlin would be found, wherever it hides")
    void wouldBeFound() {
        visitAll(List.of(Hiding.class));
        assertEquals(4, kotlin.stream().filter(it -> it.contains("Hiding")).count(), kotlin::toString);
        assertTrue(kotlin.stream().anyMatch(it -> it.startsWith("dev.simul.context.Context.run ")), kotlin::toString);
    }

    /** Five types of Kotlin can be seen from outside, one of them behind the runtime's {@code Context}. */
    abstract static class Hiding implements java.util.function.Supplier<List<? extends kotlin.Unit>> {
        protected kotlin.Unit[] field;

        protected Hiding(kotlin.Unit parameter) {}

        public abstract <T extends Function0<String>> T bound();

        public abstract dev.simul.loop.Handle handle();

        abstract kotlin.Unit hidden();
    }

    private void visitAll(Collection<Class<?>> classes) {
        classes.forEach(type -> visit(type, "the facade"));
        while (!open.isEmpty()) {
            visited.add(open.peek());
            visitMembers(open.remove());
        }
    }

    private void visitMembers(Class<?> type) {
        String where = type.getName();
        for (var variable : type.getTypeParameters()) visit(variable, where);
        if (type.getGenericSuperclass() != null) visit(type.getGenericSuperclass(), where);
        for (var parent : type.getGenericInterfaces()) visit(parent, where);
        for (Field field : type.getDeclaredFields()) {
            if (isOffered(field, field.getType().descriptorString())) visit(field.getGenericType(), where + "." + field.getName());
        }
        for (var constructor : type.getDeclaredConstructors()) {
            var descriptor = MethodType.methodType(void.class, constructor.getParameterTypes()).descriptorString();
            if (isOffered(constructor, descriptor)) visitSignature(constructor, where);
        }
        for (Method method : type.getDeclaredMethods()) {
            if (isOffered(method, descriptorOf(method)) && !isEntriesOfEnum(method)) {
                visit(method.getGenericReturnType(), where + "." + method.getName());
                visitSignature(method, where + "." + method.getName());
            }
        }
    }

    private static String descriptorOf(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes()).descriptorString();
    }

    /** Kotlin's compiler gives it to each enum; Java has {@code values()}. */
    private static boolean isEntriesOfEnum(Method method) {
        return method.getDeclaringClass().isEnum()
                && method.getName().equals("getEntries")
                && method.getReturnType() == kotlin.enums.EnumEntries.class;
    }

    private void visitSignature(Executable executable, String where) {
        for (var variable : executable.getTypeParameters()) visit(variable, where);
        for (var parameter : executable.getGenericParameterTypes()) visit(parameter, where);
        for (var thrown : executable.getGenericExceptionTypes()) visit(thrown, where);
    }

    private void visit(Type type, String where) {
        if (type instanceof Class<?> named) {
            if (named.isArray()) {
                visit(named.getComponentType(), where);
            } else if (named.getName().startsWith("kotlin")) {
                kotlin.add(where + " names " + named.getName());
            } else if (named.getName().startsWith("dev.simul.") && seen.add(named)) {
                reached.add(named.getName());
                open.add(named);
            }
        } else if (type instanceof ParameterizedType parameterized) {
            visit(parameterized.getRawType(), where);
            for (var argument : parameterized.getActualTypeArguments()) visit(argument, where);
        } else if (type instanceof GenericArrayType array) {
            visit(array.getGenericComponentType(), where);
        } else if (type instanceof WildcardType wildcard) {
            for (var bound : wildcard.getUpperBounds()) visit(bound, where);
            for (var bound : wildcard.getLowerBounds()) visit(bound, where);
        } else if (type instanceof TypeVariable<?> variable && seen.add(variable)) {
            for (var bound : variable.getBounds()) visit(bound, where);
        }
    }

    private boolean isOffered(Member member, String descriptor) {
        if (member.isSynthetic() || (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) == 0) return false;
        String owner = member.getDeclaringClass().getName();
        if (owner.startsWith("dev.simul.facade.")) return true;
        String name = member instanceof java.lang.reflect.Constructor<?> ? "<init>" : member.getName();
        return runtime.contains(owner + "." + name + descriptor);
    }

    private static Set<Class<?>> publicClasses() throws Exception {
        var found = publicClassesOf(Asyncio.class);
        found.addAll(publicClassesOf(Simulations.class));
        found.addAll(publicClassesOf(Cluster.class));
        return found;
    }

    private static Set<Class<?>> publicClassesOf(Class<?> one) throws Exception {
        var folder = Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        var found = new LinkedHashSet<Class<?>>();
        try (Stream<Path> files = Files.list(folder.resolve(one.getPackageName().replace('.', '/')))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".class")).toList()) {
                String name = file.getFileName().toString().replace(".class", "");
                Class<?> type = Class.forName(one.getPackageName() + "." + name, false, one.getClassLoader());
                if (Modifier.isPublic(type.getModifiers())) found.add(type);
            }
        }
        return found;
    }

    @Test
    @DisplayName("the facade's futures are Java's")
    void futures() {
        assertEquals(CompletableFuture.class, Future.class.getSuperclass());
        assertEquals(Future.class, Task.class.getSuperclass());
    }
}
