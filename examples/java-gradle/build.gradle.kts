plugins {
    application
}

dependencies {
    implementation(platform("dev.simul:simul-bom:0.1.0-SNAPSHOT"))
    implementation("dev.simul:simul-facade")
    runtimeOnly("org.slf4j:slf4j-simple:2.0.20")

    testImplementation("org.junit.jupiter:junit-jupiter:6.1.3")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:6.1.3")
}

application {
    mainClass = "sidebyside.SideBySide"
}

tasks.withType<JavaCompile>().configureEach {
    options.release = 17
}

tasks.test {
    useJUnitPlatform()
}
